import type { DescMessage } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { LogRecordSchema } from "../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import {
  ExponentialHistogramDataPointSchema,
  HistogramDataPointSchema,
  NumberDataPointSchema,
  SummaryDataPointSchema,
} from "../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { ProfileSchema } from "../../gen/opentelemetry/proto/profiles/v1development/profiles_pb.ts";
import { type Span as SpanMessage, SpanSchema } from "../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { EncodedItem } from "../../src/domain/encoded-item.ts";
import type { Rejection } from "../../src/domain/rejection.ts";
import type { Signal } from "../../src/domain/signal.ts";
import type { MetricPoint, MetricType } from "../../src/domain/telemetry.ts";
import { decodeLogRecord, decodeMetricPoint, decodeSpan } from "../../src/otlp/decode/decode-item.ts";
import { lenientSchema } from "../../src/otlp/decode/lenient-schema.ts";
import { readMessage } from "../../src/otlp/decode/read-message.ts";
import { levelsOf } from "./levels.ts";

/** What a filter looks at. */
export interface IndexRow {
  readonly service: string;
  readonly unixNano: bigint;
  readonly name?: string;
  readonly traceId?: string;
  readonly kind?: number;
  readonly statusCode?: number;
  readonly durationNano?: bigint;
  readonly severity?: number;
  readonly type?: MetricType;
}

export type ParsedItem = Omit<EncodedItem, "ordinal"> & { readonly row: IndexRow };

export interface ParsedRequest {
  readonly items: readonly ParsedItem[];
  /** For all items in their order, whether each was accepted. */
  readonly verdicts: readonly boolean[];
  readonly rejected: number;
  readonly rejections: readonly Rejection[];
}

/** Takes a request apart, byte for byte. Throws when it is not the message. */
export function parseRequest(signal: Signal, bytes: Uint8Array): ParsedRequest {
  const items: ParsedItem[] = [];
  const verdicts: boolean[] = [];
  const counts = new Map<string, number>();
  let rejected = 0;
  for (const container of messages(bytes, 1)) {
    const resource = concat(messages(container, 1));
    const resourceSchemaUrl = schemaUrlOf(container);
    for (const scopeContainer of messages(container, 2)) {
      const scope = concat(messages(scopeContainer, 1));
      const scopeSchemaUrl = schemaUrlOf(scopeContainer);
      for (const element of messages(scopeContainer, 2)) {
        const parts = signal === "metrics" ? metricParts(element) : [{ item: element }];
        for (const part of parts) {
          const encoded = { ordinal: 0, resource, resourceSchemaUrl, scope, scopeSchemaUrl, ...part };
          const { row, reason } = indexRow(signal, encoded, levelsAround[signal]);
          verdicts.push(reason === undefined);
          if (reason === undefined) {
            const { ordinal: _, ...rest } = encoded;
            items.push({ ...rest, row });
          } else {
            rejected += 1;
            counts.set(reason, (counts.get(reason) ?? 0) + 1);
          }
        }
      }
    }
  }
  const rejections = Array.from(counts, ([reason, count]) => ({ reason, path: "request", count }));
  return { items, verdicts, rejected, rejections };
}

/**
 * The request without the items that are not to stay. Messages that hold such items are written anew, all others
 * are copied.
 * @param dropEmpty whether messages go in which none of the items is left
 */
export function keepItems(
  signal: Signal,
  bytes: Uint8Array,
  stays: readonly boolean[],
  dropEmpty: boolean,
): Uint8Array {
  let index = 0;
  let kept = 0;
  const stay = (item: Uint8Array) => {
    const stay = stays[index++];
    if (stay) kept += 1;
    return stay ? item : undefined;
  };
  const container = (changeOf: (fieldNo: number, position: number) => Change | undefined) => {
    return (bytes: Uint8Array) => {
      const before = kept;
      const left = rewrite(bytes, changeOf);
      return dropEmpty && kept === before ? undefined : left;
    };
  };
  const metric = (bytes: Uint8Array) => {
    const { lastAt } = lastData(bytes);
    return container((fieldNo, position) =>
      dataFields.has(fieldNo) && position >= lastAt ? container(onField(1, stay)) : undefined,
    )(bytes);
  };
  const scope = container(onField(2, signal === "metrics" ? metric : stay));
  return rewrite(bytes, onField(1, container(onField(2, scope))));
}

/** What becomes of the message in a field; undefined: the field goes. */
type Change = (message: Uint8Array) => Uint8Array | undefined;

function onField(wanted: number, change: Change) {
  return (fieldNo: number) => (fieldNo === wanted ? change : undefined);
}

function rewrite(
  bytes: Uint8Array,
  changeOf: (fieldNo: number, position: number) => Change | undefined,
): Uint8Array {
  const writer = new BinaryWriter();
  for (const [position, { fieldNo, wireType, raw }] of Array.from(fields(bytes)).entries()) {
    const change = changeOf(fieldNo, position);
    const changed = change === undefined ? raw : change(new BinaryReader(raw).bytes());
    if (changed === undefined) continue;
    writer.tag(fieldNo, wireType);
    if (change === undefined) writer.raw(changed);
    else writer.bytes(changed);
  }
  return writer.finish();
}

/** Gauge, Sum and so on: the members of the oneof `data` of a Metric. */
const dataFields = new Set([5, 7, 9, 10, 11]);

/** The position among the fields of the first that counts of the oneof `data`. */
function lastData(metric: Uint8Array): { readonly lastAt: number } {
  let lastAt = 0;
  let last = 0;
  for (const [position, { fieldNo }] of Array.from(fields(metric)).entries()) {
    if (!dataFields.has(fieldNo) || fieldNo === last) continue;
    last = fieldNo;
    lastAt = position;
  }
  return { lastAt };
}

function schemaUrlOf(container: Uint8Array): string {
  return Buffer.from(messages(container, 3).at(-1) ?? []).toString();
}

/** Levels of messages around an item. */
const levelsAround: Readonly<Record<Signal, number>> = { traces: 3, logs: 3, metrics: 5, profiles: 3 };

const pointSchemas: Readonly<Record<MetricType, DescMessage>> = {
  gauge: NumberDataPointSchema,
  sum: NumberDataPointSchema,
  histogram: HistogramDataPointSchema,
  "exponential-histogram": ExponentialHistogramDataPointSchema,
  summary: SummaryDataPointSchema,
};

function whyTooDeep(schema: DescMessage, item: Uint8Array, around: number): string | undefined {
  return around + levelsOf(schema, item) > 64 ? "an item is nested too deep" : undefined;
}

const profileSchema = lenientSchema(ProfileSchema);

function indexRow(
  signal: Signal,
  encoded: EncodedItem,
  around: number,
): { row: IndexRow; reason: string | undefined } {
  switch (signal) {
    case "traces": {
      const span = decodeSpan(encoded);
      const { traceId, service, name, kind, startUnixNano, endUnixNano } = span;
      const hasDuration = startUnixNano !== 0n && endUnixNano !== 0n;
      const durationNano = endUnixNano > startUnixNano ? endUnixNano - startUnixNano : 0n;
      const statusCode = span.status.code;
      const duration = hasDuration ? { durationNano } : {};
      const row = { service, name, kind, statusCode, traceId, unixNano: startUnixNano, ...duration };
      const tooDeep = whyTooDeep(SpanSchema, encoded.item, around);
      return { row, reason: tooDeep ?? whySpanIsBad(readMessage(SpanSchema, encoded.item)) };
    }
    case "logs": {
      const log = decodeLogRecord(encoded);
      const unixNano = log.timeUnixNano === 0n ? log.observedTimeUnixNano : log.timeUnixNano;
      const { traceId, service, severityNumber: severity } = log;
      const row = { service, severity, traceId, unixNano };
      return { row, reason: whyTooDeep(LogRecordSchema, encoded.item, around) };
    }
    case "metrics": {
      const point = decodeMetricPoint(encoded);
      const { service, name, type, timeUnixNano } = point;
      return {
        row: { service, name, type, unixNano: timeUnixNano },
        reason: whyTooDeep(pointSchemas[type], encoded.item, around) ?? whyPointIsBad(point),
      };
    }
    case "profiles": {
      const { service } = decodeLogRecord({ ...encoded, item: new Uint8Array() });
      const { timeUnixNano } = readMessage(profileSchema, encoded.item);
      const reason = whyTooDeep(profileSchema, encoded.item, around);
      return { row: { service, unixNano: timeUnixNano }, reason };
    }
  }
}

function whySpanIsBad({ traceId, spanId, parentSpanId }: SpanMessage): string | undefined {
  if (traceId.length !== 16 || isZero(traceId)) return "a trace id is not 16 bytes, or all zero";
  if (spanId.length !== 8 || isZero(spanId)) return "a span id is not 8 bytes, or all zero";
  if (parentSpanId.length !== 0 && parentSpanId.length !== 8)
    return "a parent span id is neither 0 nor 8 bytes";
  return undefined;
}

function isZero(id: Uint8Array): boolean {
  return id.every((byte) => byte === 0);
}

function whyPointIsBad({ timeUnixNano, value, flags }: MetricPoint): string | undefined {
  if (timeUnixNano === 0n) return "a data point has no time";
  if (value.kind === "none" && flags % 2 === 0) return "a data point has no value";
  if (value.kind === "histogram") {
    const { bounds, bucketCounts } = value;
    const isEmpty = bounds.length === 0 && bucketCounts.length === 0;
    if (!isEmpty && bucketCounts.length !== bounds.length + 1) return "a histogram's buckets do not fit";
  }
  return undefined;
}

/** The data points of a metric, each with the metric without any. A member of the oneof `data` replaces another. */
function metricParts(metric: Uint8Array): { item: Uint8Array; metric: Uint8Array }[] {
  const envelope = new BinaryWriter();
  let member = 0;
  let points: Uint8Array[] = [];
  let rests: Uint8Array[] = [];
  for (const { fieldNo, wireType, raw } of fields(metric)) {
    if (!dataFields.has(fieldNo)) {
      envelope.tag(fieldNo, wireType).raw(raw);
      continue;
    }
    if (fieldNo !== member) {
      member = fieldNo;
      points = [];
      rests = [];
    }
    const data = new BinaryReader(raw).bytes();
    points.push(...messages(data, 1));
    const rest = new BinaryWriter();
    for (const field of fields(data)) {
      if (field.fieldNo !== 1) rest.tag(field.fieldNo, field.wireType).raw(field.raw);
    }
    rests.push(rest.finish());
  }
  if (member !== 0) envelope.tag(member, WireType.LengthDelimited).bytes(Buffer.concat(rests));
  const envelopeBytes = envelope.finish();
  return points.map((item) => ({ item, metric: envelopeBytes }));
}

function* fields(bytes: Uint8Array) {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [fieldNo, wireType] = reader.tag();
    if (wireType === WireType.StartGroup) throw new Error("groups are not part of OTLP");
    yield { fieldNo, wireType, raw: reader.skip(wireType, fieldNo) };
  }
}

function messages(bytes: Uint8Array, wantedFieldNo: number): Uint8Array[] {
  return Array.from(fields(bytes))
    .filter(({ fieldNo, wireType }) => fieldNo === wantedFieldNo && wireType === WireType.LengthDelimited)
    .map(({ raw }) => new BinaryReader(raw).bytes());
}

/** Protobuf merges the parts of a message field that comes more than once. */
function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
