import type { DescMessage } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { WireFields } from "../../src/otlp/wire/wire-fields.ts";

/** How many levels of messages there are in an encoded message; itself is the first. */
export function levelsOf(schema: DescMessage, bytes: Uint8Array): number {
  let deepest = 0;
  for (const field = new WireFields(bytes); field.next(); ) {
    const { message } = schema.fields.find(({ number }) => number === field.number) ?? {};
    if (message === undefined || field.wireType !== WireType.LengthDelimited) continue;
    deepest = Math.max(deepest, levelsOf(message, bytes.subarray(field.valueAt, field.end)));
  }
  return 1 + deepest;
}
