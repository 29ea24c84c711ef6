import type { Span } from "../../../gen/obsvty/v1/query_pb.ts";
import { Status_StatusCode } from "../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import { type SecondsAndNanos, toNanos } from "../api/proto-time.ts";
import { timePiece } from "./clock-time.ts";
import { formatDuration } from "./duration-text.ts";
import { line, type Piece, spaced, type View } from "./line.ts";
import { attributesPiece, omittedPiece, servicePiece, traceIdPiece } from "./value-text.ts";

/** A span as a line: time, duration, service, name, trace id, error, attributes. */
export function spanLine(span: Span, view: View): string {
  return line(
    spaced([
      timePiece(span.startTime, view),
      { text: durationText(span.duration).padStart(durationColumns) },
      servicePiece(span.service),
      { text: span.name, style: hasFailed(span) ? ["bold", "red"] : "bold" },
      errorPiece(span),
      traceIdPiece(span.traceId),
      omittedPiece(span),
      attributesPiece(span.attributes),
    ]),
    view,
  );
}

/** Columns that most durations fit into: `1.24 ms`, `59m 59s`. */
export const durationColumns = 7;

export function durationText(duration: SecondsAndNanos | undefined): string {
  return duration === undefined ? "-" : formatDuration(toNanos(duration));
}

export function hasFailed({ status }: Span): boolean {
  return status?.code === Status_StatusCode.ERROR;
}

/** The status message of a span that failed. */
export function errorPiece(span: Span): Piece | undefined {
  if (!hasFailed(span)) {
    return undefined;
  }
  return { text: `✗ ${span.status?.message ?? ""}`.trimEnd(), style: "red" };
}
