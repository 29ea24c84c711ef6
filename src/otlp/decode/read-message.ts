import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { lenientSchema } from "./lenient-schema.ts";

/**
 * Decodes an OTLP message that the scanner accepted. The scanner has checked that it is well formed and that
 * each known field has the wire type of its schema; Protobuf-ES checks neither. Invalid UTF-8 becomes U+FFFD,
 * unknown fields are left out.
 */
export function readMessage<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  return fromBinary(lenientSchema(schema), bytes, { readUnknownFields: false });
}
