import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Span, SpanSchema } from "../../gen/obsvty/v1/query_pb.ts";
import { Span_SpanKind } from "../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";

export interface SpanFields {
  /** Of one digit or letter; made as long as ids are. */
  readonly id: string;
  readonly parent?: string;
  readonly trace?: string;
  readonly name?: string;
  readonly service?: string;
  /** After 2026-11-23T10:00:00Z. */
  readonly startMs?: number;
  readonly kind?: Span_SpanKind;
  /** Undefined for a span without an end. */
  readonly tookMs?: number | undefined;
  /** The message of a span that failed. */
  readonly error?: string;
}

const baseMs = Date.UTC(2026, 10, 23, 10);

/** A span as the API answers it. */
export function apiSpan(fields: SpanFields): Span {
  const { id, parent = "", trace = "a", name = `span ${id}`, service = "shop", startMs = 0, error } = fields;
  const { kind = Span_SpanKind.UNSPECIFIED } = fields;
  const tookMs = "tookMs" in fields ? fields.tookMs : 10;
  return create(SpanSchema, {
    traceId: trace.repeat(32),
    spanId: id.repeat(16),
    parentSpanId: parent.repeat(16),
    name,
    kind,
    service,
    startTime: timestampFromMs(baseMs + startMs),
    ...(tookMs !== undefined && {
      endTime: timestampFromMs(baseMs + startMs + tookMs),
      duration: { seconds: BigInt(Math.floor(tookMs / 1_000)), nanos: Math.round((tookMs % 1_000) * 1e6) },
    }),
    status: error === undefined ? { code: 0 } : { code: 2, message: error },
  });
}
