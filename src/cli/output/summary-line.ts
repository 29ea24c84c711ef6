import type { TraceSummary } from "../../../gen/obsvty/v1/query_pb.ts";
import { timePiece } from "./clock-time.ts";
import { gap, line, type Piece, spaced, type View, widthOf } from "./line.ts";
import { durationColumns, durationText } from "./span-line.ts";
import { servicePiece } from "./value-text.ts";

/** Columns that the name of a trace has, also on a narrow terminal: there the time is left out. */
const minNameColumns = 16;
/** Where lines are not cut, a longer description moves the id of its own line only. */
const maxDescriptionColumns = 90;

/**
 * Traces as lines: start, duration, a description (root, services, how many spans), id. The id stands last in a
 * column of its own; it is never cut, because `obsvty trace` needs all of it.
 */
export function summaryLines(traces: readonly TraceSummary[], view: View): string[] {
  const rows = traces.map((trace) => ({
    time: timePiece(trace.startTime, view),
    duration: { text: durationText(trace.duration).padStart(durationColumns) },
    description: descriptionOf(trace),
    id: { text: trace.traceId, style: "dim" } as const,
  }));
  const widest = (widths: readonly number[]) => Math.max(0, ...widths);
  const fixed = widest(rows.map(({ duration, id }) => widthOf(spaced([duration, gap(1), id])) - 1));
  const timeColumns = widest(rows.map(({ time }) => widthOf([time]))) + 2;
  const hasTime = view.columns - fixed - timeColumns >= minNameColumns;
  const room = Math.max(minNameColumns, view.columns - fixed - (hasTime ? timeColumns : 0));
  const descriptionColumns = Math.min(
    room,
    maxDescriptionColumns,
    widest(rows.map(({ description }) => widthOf(description))),
  );
  const uncut = { ...view, columns: Number.POSITIVE_INFINITY };
  return rows.map(({ time, duration, description, id }) => {
    const start = spaced([hasTime ? time : undefined, duration]);
    const shown = line(description, { ...view, columns: room });
    const space = gap(descriptionColumns - Math.min(room, widthOf(description)) + 2);
    return `${line([...start, gap(2)], uncut)}${shown}${line([space, id], uncut)}`;
  });
}

function descriptionOf({ rootName, services, spanCount, errorCount }: TraceSummary): Piece[] {
  return spaced([
    { text: rootName || "(no root held)", style: errorCount > 0 ? ["bold", "red"] : "bold" },
    servicePiece(services.join(", ")),
    ...countPieces(spanCount, errorCount),
  ]);
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
