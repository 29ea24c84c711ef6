import { isUtf8 } from "node:buffer";
import { type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import type { Rejection } from "../../src/domain/rejection.ts";
import { WireFields } from "../../src/otlp/wire/wire-fields.ts";

type Counts = readonly (readonly [reason: string, count: number])[];

/** What the strict validator has counted, in the order of the reasons. */
export function warningCounts(warnings: readonly Rejection[]): Counts {
  // Without the length of the first.
  return sorted(warnings.map(({ reason, count }) => [reason.replace(/, got \d+$/, ""), count]));
}

/** What the strict validator has to count in a message, found as plainly as can be. */
export function oddities(schema: DescMessage, bytes: Uint8Array): Counts {
  const counts = new Map<string, number>();
  visit(schema, bytes, (reason) => counts.set(reason, (counts.get(reason) ?? 0) + 1));
  return sorted([...counts]);
}

function sorted(counts: Counts): Counts {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

const named = new Set(["Span", "Event", "Metric"]);
const correlated = new Set(["LogRecord", "Link", "Exemplar"]);
const idLengths: Readonly<Record<string, number>> = { trace_id: 16, span_id: 8 };

function visit(schema: DescMessage, bytes: Uint8Array, count: (reason: string) => void): void {
  const times = { start_time_unix_nano: 0n, end_time_unix_nano: 0n } as Record<string, bigint>;
  const keys = new Set<string>();
  let name = 0;
  for (const wire = new WireFields(bytes); wire.next(); ) {
    const field = schema.fields.find(({ number }) => number === wire.number);
    const value = bytes.subarray(wire.valueAt, wire.end);
    if (field === undefined) {
      count("unknown field");
    } else if (field.message !== undefined) {
      if (field.message.name === "KeyValue") checkKey(value, keys, count);
      visit(field.message, value, count);
    } else if (field.enum !== undefined) {
      const known = field.enum.values.some(({ number }) => number === int32(value));
      if (!known) count("unknown enum value");
    } else if (field.scalar === ScalarType.STRING) {
      if (!isUtf8(value)) count("not UTF-8");
      if (field.name === "name") name = value.byteLength;
    } else if (correlated.has(schema.name) && field.name in idLengths) {
      const { byteLength } = value;
      const length = idLengths[field.name];
      if (byteLength !== 0 && byteLength !== length) {
        count(`${field.name} must be empty or ${length} bytes`);
      }
    } else if (field.name in times && wire.wireType === WireType.Bit64) {
      times[field.name] = Buffer.from(value).readBigUInt64LE();
    }
  }
  if (named.has(schema.name) && name === 0) count("name is empty");
  const { start_time_unix_nano: start = 0n, end_time_unix_nano: end = 0n } = times;
  if (schema.name === "Span" && end < start) count("end_time_unix_nano is before start_time_unix_nano");
}

function checkKey(keyValue: Uint8Array, keys: Set<string>, count: (reason: string) => void): void {
  let key = "";
  let index = 0;
  for (const wire = new WireFields(keyValue); wire.next(); ) {
    const value = keyValue.subarray(wire.valueAt, wire.end);
    if (wire.number === 1) key = Buffer.from(value).toString("latin1");
    if (wire.number === 3) index = int32(value);
  }
  if (key === "" && index !== 0) return;
  if (key === "") count("key is empty");
  if (keys.has(key)) count("key is given more than once");
  keys.add(key);
}

/** The int32 that a varint is. */
function int32(varint: Uint8Array): number {
  const value = varint.reduceRight((sum, byte) => (sum << 7n) | BigInt(byte & 0x7f), 0n);
  return Number(BigInt.asIntN(32, value));
}
