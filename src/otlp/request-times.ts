import type { DescMessage } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import type { Signal } from "../domain/signal.ts";
import { requestSchemas } from "./services.ts";
import { WireFields } from "./wire/wire-fields.ts";

/** Of a message, by the number of a field: where times are in it, or that it is a time. */
type Times = Map<number, Times | "time">;

/** Nanoseconds since 1970. */
export interface TimeRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** Times that are not of our time are a sender's fault, or stand for something else. */
const firstPlausible = BigInt(Date.UTC(1990)) * 1_000_000n;
const lastPlausible = BigInt(Date.UTC(2100)) * 1_000_000n;
const greatestTime = 2n ** 64n - 1n;

/** From the first to the last time in an encoded `Export*ServiceRequest`; undefined when it has none. */
export function timesOf(signal: Signal, bytes: Uint8Array): TimeRange | undefined {
  let first = greatestTime;
  let last = 0n;
  const view = viewOf(bytes);
  visitTimes(timesIn(requestSchemas[signal]), bytes, 0, bytes.byteLength, (at) => {
    const time = view.getBigUint64(at, true);
    if (time < firstPlausible || time > lastPlausible) return;
    if (time < first) first = time;
    if (time > last) last = time;
  });
  return last === 0n ? undefined : { first, last };
}

/** Moves all times of an encoded request, where they stand. 0 means that a time is not known, and stays. */
export function shiftTimes(signal: Signal, bytes: Uint8Array, nanos: bigint): void {
  const view = viewOf(bytes);
  visitTimes(timesIn(requestSchemas[signal]), bytes, 0, bytes.byteLength, (at) => {
    const time = view.getBigUint64(at, true);
    if (time === 0n) return;
    const moved = time + nanos;
    view.setBigUint64(at, moved < 1n ? 1n : moved > greatestTime ? greatestTime : moved, true);
  });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function visitTimes(
  times: Times,
  bytes: Uint8Array,
  at: number,
  end: number,
  visit: (at: number) => void,
): void {
  for (const field = new WireFields(bytes, at, end); field.next() && field.end <= end; ) {
    const inner = times.get(field.number);
    if (inner === undefined) continue;
    const isDelimited = field.wireType === WireType.LengthDelimited;
    if (inner !== "time") {
      if (isDelimited) visitTimes(inner, bytes, field.valueAt, field.end, visit);
    } else if (field.wireType === WireType.Bit64) {
      visit(field.valueAt);
    } else if (isDelimited) {
      for (let each = field.valueAt; each + 8 <= field.end; each += 8) visit(each);
    }
  }
}

const known = new Map<DescMessage, Times>();

function timesIn(schema: DescMessage): Times {
  let times = known.get(schema);
  if (times !== undefined) return times;
  times = new Map();
  // Before its fields are looked at: AnyValue contains itself.
  known.set(schema, times);
  for (const { number, name, message } of schema.fields) {
    if (/(?:^|_)times?(?:tamps)?_unix_nano$/.test(name)) times.set(number, "time");
    else if (message !== undefined) {
      const inner = timesIn(message);
      if (inner.size > 0) times.set(number, inner);
    }
  }
  return times;
}
