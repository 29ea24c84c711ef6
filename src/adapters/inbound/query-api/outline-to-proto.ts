import { create, type MessageInitShape } from "@bufbuild/protobuf";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import type { Span_SpanKind } from "../../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import { statusCodeError } from "../../../domain/telemetry.ts";
import { isKnownTime } from "../../../domain/time.ts";
import type { TraceOutline } from "../../../use-cases/read/outline/get-trace-outline.ts";
import type { OutlineNode } from "../../../use-cases/read/outline/outline-node.ts";
import { shortName } from "../../../use-cases/read/short-name.ts";
import { toDuration, toDurationOf, toTimestamp } from "./to-proto.ts";

/* The outline of a trace as messages of the API. */

export function toOutlineSpan({ span, depth, start, self, critical }: OutlineNode): pb.OutlineSpan {
  const duration = toDuration(span.startUnixNano, span.endUnixNano);
  return create(pb.OutlineSpanSchema, {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    depth,
    name: shortName(span.name),
    service: shortName(span.service),
    kind: span.kind as Span_SpanKind,
    failed: span.statusCode === statusCodeError,
    ...(isKnownTime(span.startUnixNano) && { start: toDurationOf(start) }),
    ...(duration && { duration }),
    ...(self > 0 && { self: toDurationOf(self) }),
    ...(critical > 0 && { critical: toDurationOf(critical) }),
  });
}

export function toOutlineAnswer(
  outline: TraceOutline<unknown>,
): MessageInitShape<typeof pb.GetTraceOutlineResponseSchema> {
  const { spanCount, errorCount, startUnixNano, endUnixNano, leftOut, cursor, unreadable } = outline;
  const duration = toDuration(startUnixNano, endUnixNano);
  return {
    spanCount,
    errorCount,
    startTime: toTimestamp(startUnixNano),
    ...(duration && { duration }),
    leftOut,
    cursor,
    unreadable: BigInt(unreadable),
  };
}
