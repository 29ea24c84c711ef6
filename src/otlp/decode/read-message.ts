import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";

/**
 * Decodes a message that the scanner let pass, so that it is well formed and each known field has the
 * wire type of its schema: Protobuf-ES looks at neither. Leaves out what the schema does not know.
 * @param schema one of `schemas.ts`, lest invalid UTF-8 throws
 */
export function readMessage<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  return fromBinary(schema, bytes, { readUnknownFields: false });
}
