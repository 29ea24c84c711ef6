import type { DescMessage } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { WireFields } from "./wire-fields.ts";

/** Messages at a greater depth are not looked at: AnyValue contains itself. */
const maxDepth = 100;

/** One for each depth, used again for each message there: an object for every message would cost more than the walk. */
const walks: WireFields[] = [];

/**
 * Where bytes stop being an encoded message: the offset of the first field, in it or in a message within it, that has
 * no number or type or does not end with its message. Undefined when each is whole.
 */
export function wireFaultAt(schema: DescMessage, bytes: Uint8Array): number | undefined {
  return faultIn(messagesOf(schema), bytes, 0, bytes.byteLength, 0);
}

function faultIn(
  messages: Messages,
  bytes: Uint8Array,
  at: number,
  end: number,
  depth: number,
): number | undefined {
  let field = walks[depth];
  if (field === undefined) {
    field = new WireFields(bytes);
    walks[depth] = field;
  }
  field.restart(bytes, at, end);
  while (field.next()) {
    if (field.end > end || field.number === 0) return field.tagAt;
    if (field.wireType !== WireType.LengthDelimited || depth === maxDepth) continue;
    const message = messages[field.number];
    if (message === undefined) continue;
    const fault = faultIn(messagesOf(message), bytes, field.valueAt, field.end, depth + 1);
    if (fault !== undefined) return fault;
  }
  return field.tagAt < end ? field.tagAt : undefined;
}

/** The messages that a message contains, by the numbers of their fields. */
type Messages = readonly (DescMessage | undefined)[];

const known = new Map<DescMessage, Messages>();

function messagesOf(schema: DescMessage): Messages {
  const found = known.get(schema);
  if (found !== undefined) return found;
  const messages: (DescMessage | undefined)[] = [];
  for (const { number, message } of schema.fields) messages[number] = message;
  known.set(schema, messages);
  return messages;
}
