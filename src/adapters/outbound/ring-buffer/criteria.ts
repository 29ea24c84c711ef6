import type { DescField } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { LogRecordSchema } from "../../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import {
  ExponentialHistogramDataPointSchema,
  HistogramDataPointSchema,
  NumberDataPointSchema,
  SummaryDataPointSchema,
} from "../../../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { SpanSchema } from "../../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { AnyFilter } from "../../../domain/filter.ts";
import type { Signal } from "../../../domain/signal.ts";
import { metricTypes } from "../../../domain/telemetry.ts";
import * as row from "../../../otlp/scan/layout.ts";
import type { Scanner } from "../../../otlp/scan/scanner.ts";
import { attributeMarks } from "./attribute-marks.ts";
import * as layout from "./index-layout.ts";

const utf8 = new TextEncoder();
const MAX_U64 = 2n ** 64n - 1n;
/** An index row keeps an enum in one byte, in which this stands for all numbers that are larger or negative. */
const OTHER_ENUM = 255;
/** Bytes that are not UTF-8 are shown as this, so that the index cannot tell which bytes a text with it was. */
const REPLACEMENT = "\ufffd";

/** The index does not compare longer strings: that would cost more than it is worth. */
const MAX_STRING_BYTES = 4_096;

/** The tags of the attributes in an item, for each ROW_CATEGORY: see CRITERIA_ATTRIBUTE_TAGS. */
export const attributeTags: Readonly<Record<Signal, readonly number[]>> = {
  traces: new Array(layout.ATTRIBUTE_TAGS).fill(tagOfAttributes(SpanSchema)),
  logs: new Array(layout.ATTRIBUTE_TAGS).fill(tagOfAttributes(LogRecordSchema)),
  metrics: Object.assign(new Array(layout.ATTRIBUTE_TAGS).fill(0), {
    [row.METRIC_GAUGE]: tagOfAttributes(NumberDataPointSchema),
    [row.METRIC_SUM]: tagOfAttributes(NumberDataPointSchema),
    [row.METRIC_HISTOGRAM]: tagOfAttributes(HistogramDataPointSchema),
    [row.METRIC_EXPONENTIAL_HISTOGRAM]: tagOfAttributes(ExponentialHistogramDataPointSchema),
    [row.METRIC_SUMMARY]: tagOfAttributes(SummaryDataPointSchema),
  }),
  // A profile refers to attributes in the dictionary of its request.
  profiles: new Array(layout.ATTRIBUTE_TAGS).fill(0),
};

function tagOfAttributes({ field }: { readonly field: { readonly attributes: DescField } }): number {
  return field.attributes.number * 8 + WireType.LengthDelimited;
}

/** Whether an item shown with this text has its bytes, and they are few enough to be compared. */
function isDecidable(text: string): boolean {
  return text.length <= MAX_STRING_BYTES && !text.includes(REPLACEMENT);
}

/** The trace id at hand. To make an array for each of 200 traces takes longer than to find them among 100,000 spans. */
const idBytes = Buffer.alloc(16);

/** Four bytes that stand for a trace id in the index: see `traceKey` in ./assembly/matching.ts. */
function traceKey(id: Buffer): number {
  return id.readUInt32LE(0) ^ id.readUInt32LE(4) ^ id.readUInt32LE(8) ^ id.readUInt32LE(12);
}

/**
 * Puts the fields of a filter to where the index looks for them, and their strings into the scratch space. A field that
 * the index cannot decide is left out: items that do not meet it may then be found.
 * @returns whether anything can match
 */
export function writeCriteria(
  scanner: Scanner,
  longs: BigUint64Array,
  signal: Signal,
  filter: AnyFilter,
  scratchAt: number,
  scratchBytes: number,
): boolean {
  let flags = 0;
  let scratch = scratchAt;
  const scratchEnd = scratchAt + scratchBytes;

  const setEnum = (flag: number, at: number, value: number): void => {
    flags |= flag;
    scanner.bytes[at] = value < 0 || value > OTHER_ENUM ? OTHER_ENUM : value;
  };
  const setLong = (flag: number, at: number, value: bigint): void => {
    flags |= flag;
    longs[at / 8] = value < 0n ? 0n : value > MAX_U64 ? MAX_U64 : value;
  };
  /** Writes address and length of the string at `at`, if there is room for it. */
  const putString = (at: number, bytes: Uint8Array): boolean => {
    if (bytes.byteLength > MAX_STRING_BYTES || scratch + bytes.byteLength > scratchEnd) return false;
    scanner.bytes.set(bytes, scratch);
    scanner.words[at / 4] = scratch;
    scanner.words[at / 4 + 1] = bytes.byteLength;
    scratch += bytes.byteLength;
    return true;
  };
  const setString = (flag: number, at: number, value: string): void => {
    if (isDecidable(value) && putString(at, utf8.encode(value))) flags |= flag;
  };
  const setAttributes = (attributes: ReadonlyMap<string, string>): void => {
    const wanted: (readonly [string, string])[] = [];
    for (const [key, text] of attributes) {
      if (isDecidable(key) && isDecidable(text)) wanted.push([key, text]);
      if (wanted.length === layout.MAX_WANTED) break;
    }
    const listAt = Math.ceil(scratch / 8) * 8;
    const listEnd = listAt + wanted.length * layout.WANTED_BYTES;
    if (listEnd > scratchEnd) return;
    scratch = listEnd;
    let at = listAt;
    for (const [key, text] of wanted) {
      const hasRoom =
        putString(at + layout.WANTED_KEY_AT, utf8.encode(key)) &&
        putString(at + layout.WANTED_TEXT_AT, utf8.encode(text));
      if (!hasRoom) continue;
      const marks = attributeMarks(key, text);
      scanner.words[(at + layout.WANTED_MARKS_COUNT) / 4] = marks.length;
      longs.set(marks.flat(), (at + layout.WANTED_MARKS) / 8);
      at += layout.WANTED_BYTES;
    }
    if (at === listAt) return;
    flags |= layout.FIND_ATTRIBUTES;
    scanner.bytes.set(attributeTags[signal], layout.CRITERIA_ATTRIBUTE_TAGS);
    scanner.words[layout.CRITERIA_ATTRIBUTES_AT / 4] = listAt;
    scanner.words[layout.CRITERIA_ATTRIBUTES_COUNT / 4] = (at - listAt) / layout.WANTED_BYTES;
  };

  if (filter.traceIds !== undefined) {
    const end = writeTraces(scanner, filter.traceIds, scratch, scratchEnd);
    if (end > scratch) flags |= layout.FIND_TRACES;
    scratch = end;
  }
  if (filter.traceId !== undefined) {
    flags |= layout.FIND_TRACE_ID;
    scanner.bytes.set(Buffer.from(filter.traceId, "hex"), layout.CRITERIA_TRACE_ID);
  }
  if (filter.service !== undefined) {
    setString(layout.FIND_SERVICE, layout.CRITERIA_SERVICE_AT, filter.service);
  }
  if (filter.name !== undefined) setString(layout.FIND_NAME, layout.CRITERIA_NAME_AT, filter.name);
  if (filter.kind !== undefined) setEnum(layout.FIND_KIND, layout.CRITERIA_KIND, filter.kind);
  if (filter.type !== undefined) {
    // METRIC_* count from 1 in the order of `metricTypes`.
    setEnum(layout.FIND_KIND, layout.CRITERIA_KIND, metricTypes.indexOf(filter.type) + 1);
  }
  if (filter.statusCode !== undefined) {
    setEnum(layout.FIND_STATUS, layout.CRITERIA_STATUS, filter.statusCode);
  }
  if (filter.minSeverity !== undefined) {
    // The index cannot tell larger and negative severities apart.
    setEnum(layout.FIND_MIN_SEVERITY, layout.CRITERIA_MIN_SEVERITY, Math.max(0, filter.minSeverity));
  }
  if (filter.minDurationNano !== undefined) {
    if (filter.minDurationNano > MAX_U64) return false;
    setLong(layout.FIND_MIN_DURATION, layout.CRITERIA_MIN_DURATION, filter.minDurationNano);
  }
  if (filter.maxDurationNano !== undefined) {
    if (filter.maxDurationNano < 0n) return false;
    setLong(layout.FIND_MAX_DURATION, layout.CRITERIA_MAX_DURATION, filter.maxDurationNano);
  }
  if (filter.sinceUnixNano !== undefined) {
    if (filter.sinceUnixNano > MAX_U64) return false;
    setLong(layout.FIND_SINCE, layout.CRITERIA_SINCE, filter.sinceUnixNano);
  }
  if (filter.untilUnixNano !== undefined) {
    // No time lies behind a bound of more than 64 bits; it has to be known all the same.
    if (filter.untilUnixNano <= MAX_U64) {
      setLong(layout.FIND_UNTIL, layout.CRITERIA_UNTIL, filter.untilUnixNano);
    } else if (filter.sinceUnixNano === undefined) {
      setLong(layout.FIND_SINCE, layout.CRITERIA_SINCE, 0n);
    }
  }
  if (filter.attributes !== undefined) setAttributes(filter.attributes);
  scanner.words[layout.CRITERIA_FLAGS / 4] = flags;
  return true;
}

/** Slots of the table that are looked at for one trace. Of ids by chance it is some 30 at the most. */
const mostProbes = 128;

/**
 * Puts traces to where the index looks for them, into [`from`, `to`): their bits, and the table of their ids when there
 * is room for it. Whoever chooses the ids can have all of them begin at one slot: there is no table then, and more spans
 * of other traces may be found.
 * @returns where it ends: `from` when there is not even room for the bits
 */
function writeTraces(scanner: Scanner, traceIds: ReadonlySet<string>, from: number, to: number): number {
  // With 256 bits a trace, the bit of a span of another trace is set once in 256 times at most.
  const wantedLog2 = Math.max(5, Math.ceil(Math.log2(traceIds.size * 256 + 1)));
  const bitsLog2 = Math.min(wantedLog2, Math.floor(Math.log2((to - from) * 8)));
  if (bitsLog2 < 5) return from;
  const bits = scanner.bytes.subarray(from, from + 2 ** (bitsLog2 - 3)).fill(0);
  const tableAt = Math.ceil((from + bits.byteLength) / 8) * 8;
  // Half of its slots are free at least.
  const tableLog2 = Math.max(1, Math.ceil(Math.log2(traceIds.size * 2)));
  const tableEnd = tableAt + 2 ** tableLog2 * 16;
  let table = tableEnd <= to ? scanner.bytes.subarray(tableAt, tableEnd).fill(0) : undefined;
  const { words } = scanner;
  const isTaken = (at: number) => (words[at]! | words[at + 1]! | words[at + 2]! | words[at + 3]!) !== 0;
  for (const traceId of traceIds) {
    idBytes.write(traceId, "hex");
    const hash = Math.imul(traceKey(idBytes), layout.TRACE_KEY_MULTIPLIER);
    const bit = hash >>> (32 - bitsLog2);
    bits[bit >>> 3] = (bits[bit >>> 3] ?? 0) | (1 << (bit & 7));
    if (table === undefined) continue;
    let slot = hash >>> (32 - tableLog2);
    let probes = 0;
    for (; probes < mostProbes && isTaken(tableAt / 4 + slot * 4); probes++)
      slot = (slot + 1) % 2 ** tableLog2;
    if (probes < mostProbes) table.set(idBytes, slot * 16);
    else table = undefined;
  }
  words[layout.CRITERIA_TRACE_BITS_AT / 4] = from;
  words[layout.CRITERIA_TRACE_BITS_LOG2 / 4] = bitsLog2;
  words[layout.CRITERIA_TRACE_TABLE_AT / 4] = table === undefined ? 0 : tableAt;
  words[layout.CRITERIA_TRACE_TABLE_LOG2 / 4] = tableLog2;
  return table === undefined ? from + bits.byteLength : tableEnd;
}

/** The UNDECIDED_* bits of a filter whose criteria have just been written: which rows do not tell whether they match. */
export function undecidedBy(filter: AnyFilter, flags: number): number {
  const { service, name, kind, type, minSeverity, statusCode, attributes } = filter;
  const { traceIds, nameContains, textContains, bodyContains, where } = filter;
  const isLeftOut =
    (service !== undefined && (flags & layout.FIND_SERVICE) === 0) ||
    (name !== undefined && (flags & layout.FIND_NAME) === 0) ||
    (attributes !== undefined && attributes.size > 0) ||
    [traceIds, nameContains, textContains, bodyContains, where].some((field) => field !== undefined);
  if (isLeftOut) return layout.UNDECIDED_ALL;
  const byCategory = kind !== undefined || type !== undefined || minSeverity !== undefined;
  return (
    (byCategory ? layout.UNDECIDED_CATEGORY : 0) | (statusCode !== undefined ? layout.UNDECIDED_STATUS : 0)
  );
}
