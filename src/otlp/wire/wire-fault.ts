import type { DescMessage } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { WireFields } from "./wire-fields.ts";

/** Messages within deeper ones than these are not looked at: AnyValue contains itself. */
const maxDepth = 100;

/**
 * Where bytes stop to be an encoded message: the offset of the first field, in it or in a message within it, that has
 * no number or type or does not end with its message. Undefined when each is whole.
 */
export function wireFaultAt(schema: DescMessage, bytes: Uint8Array): number | undefined {
  return faultIn(schema, bytes, 0, bytes.byteLength, maxDepth);
}

function faultIn(
  schema: DescMessage,
  bytes: Uint8Array,
  at: number,
  end: number,
  depth: number,
): number | undefined {
  const messages = messagesOf(schema);
  const field = new WireFields(bytes, at, end);
  while (field.next()) {
    if (field.end > end || field.number === 0) return field.tagAt;
    const message = field.wireType === WireType.LengthDelimited ? messages.get(field.number) : undefined;
    if (message === undefined || depth === 0) continue;
    const fault = faultIn(message, bytes, field.valueAt, field.end, depth - 1);
    if (fault !== undefined) return fault;
  }
  return field.tagAt < end ? field.tagAt : undefined;
}

const known = new Map<DescMessage, ReadonlyMap<number, DescMessage>>();

/** The messages that a message contains, by the numbers of their fields. */
function messagesOf(schema: DescMessage): ReadonlyMap<number, DescMessage> {
  let messages = known.get(schema);
  if (messages === undefined) {
    messages = new Map(
      schema.fields.flatMap(({ number, message }) => (message === undefined ? [] : [[number, message]])),
    );
    known.set(schema, messages);
  }
  return messages;
}
