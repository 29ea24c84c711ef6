import type { TraceSummary } from "../../../gen/obsvty/v1/query_pb.ts";
import { clockTime } from "./clock-time.ts";
import { line, type Piece, spaced, type View } from "./line.ts";
import { durationColumns, durationText } from "./span-line.ts";
import { servicePiece } from "./value-text.ts";

/** A trace as a line: start, duration, id, root, services, how many spans. */
export function summaryLine(trace: TraceSummary, view: View): string {
  const { traceId, rootName, services, spanCount, errorCount } = trace;
  return line(
    spaced([
      { text: clockTime(trace.startTime), style: "dim" },
      { text: durationText(trace.duration).padStart(durationColumns) },
      { text: traceId },
      { text: rootName || "(no root held)", style: errorCount > 0 ? ["bold", "red"] : "bold" },
      servicePiece(services.join(", ")),
      ...countPieces(spanCount, errorCount),
    ]),
    view,
  );
}

export function countPieces(spanCount: number, errorCount: number): Piece[] {
  return [
    { text: counted(spanCount, "span") },
    { text: errorCount === 0 ? "" : counted(errorCount, "error"), style: "red" },
  ];
}

export function counted(count: number | bigint, noun: string): string {
  return `${count} ${noun}${Number(count) === 1 ? "" : "s"}`;
}
