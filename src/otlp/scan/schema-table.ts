import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { bySignal, type Signal } from "../../domain/signal.ts";
import { requestSchemas } from "../services.ts";
import { wireTypeOf } from "../wire/wire-type.ts";
import * as layout from "./layout.ts";

export interface SchemaTable {
  /** Four bytes an entry, `TABLE_FIELDS` entries a message; goes to TABLE in the scanner's memory. */
  readonly entries: Uint32Array;
  /** Which message of the table the request of a signal is. */
  readonly roots: Readonly<Record<Signal, number>>;
}

/** What to do with a field (ROLE_*, OP_* or another validator's), and the argument of that. */
export type FieldAction = readonly [action: number, argument: number];

export interface SchemaActions {
  readonly ofField: (field: DescField) => FieldAction;
  /** The entry of field 0, which no message has. @default none */
  readonly ofMessage?: (message: DescMessage) => number;
}

/** Derives a table from the generated descriptors, so that the .proto files are the one source. */
export function createSchemaTable({ ofField, ofMessage = () => 0 }: SchemaActions): SchemaTable {
  const messages: DescMessage[] = [];
  const indexOf = (message: DescMessage): number => {
    const known = messages.indexOf(message);
    return known === -1 ? messages.push(message) - 1 : known;
  };
  const roots = bySignal((signal) => indexOf(requestSchemas[signal]));
  const entries: number[] = [];
  // The list grows while it is walked: every message that a field holds is appended.
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i];
    if (message === undefined) break;
    entries[i * layout.TABLE_FIELDS] = ofMessage(message);
    for (const field of message.fields) {
      if (field.number >= layout.TABLE_FIELDS) {
        throw new Error(`${field} does not fit the scanner's table`);
      }
      const child = field.message === undefined ? 0 : indexOf(field.message) + 1;
      entries[i * layout.TABLE_FIELDS + field.number] = entryOf(field, child, ofField(field));
    }
  }
  if (layout.TABLE + messages.length * layout.TABLE_FIELDS * 4 > layout.SCAN_END) {
    throw new Error(`${messages.length} messages do not fit the scanner's table`);
  }
  return {
    entries: Uint32Array.from({ length: messages.length * layout.TABLE_FIELDS }, (_, i) => entries[i] ?? 0),
    roots,
  };
}

function entryOf(field: DescField, child: number, [action, argument]: FieldAction): number {
  const wireType = wireTypeOf(field);
  const packed = field.fieldKind === "list" && field.message === undefined ? (packedKinds[wireType] ?? 0) : 0;
  return (
    wireType |
    layout.ENTRY_KNOWN |
    (packed << layout.ENTRY_PACKED_SHIFT) |
    (child << layout.ENTRY_MESSAGE_SHIFT) |
    (action << layout.ENTRY_ACTION_SHIFT) |
    (argument << layout.ENTRY_ARGUMENT_SHIFT)
  );
}

const packedKinds: Readonly<Record<number, number>> = {
  [WireType.Varint]: layout.PACKED_VARINT,
  [WireType.Bit64]: layout.PACKED_FIXED64,
  [WireType.Bit32]: layout.PACKED_FIXED32,
};
