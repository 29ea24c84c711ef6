import type { TraceSummary } from "../../../gen/obsvty/v1/query_pb.ts";
import { type Signal, signalTraits } from "../../domain/signal.ts";
import { timePiece } from "./clock-time.ts";
import {
  type FittedPiece,
  fitted,
  gap,
  maxLineColumns,
  type Piece,
  painted,
  spaced,
  totalWidth,
  type View,
  widthOf,
} from "./line.ts";
import { durationColumns, durationText } from "./span-line.ts";
import { servicePiece } from "./value-text.ts";

/** Columns that the description of a trace has, also on a narrow terminal: there the time is left out. */
const minDescriptionColumns = 16;
/** Where lines are not cut, a longer description moves the id of its own line only. */
const maxDescriptionColumns = 90;

/**
 * Traces as lines: start, duration, a description (root, services, how many spans), id. The id stands last in a
 * column of its own; it is never cut, because `obsvty trace` needs all of it.
 */
export function summaryLines(traces: readonly TraceSummary[], view: View): string[] {
  const lineColumns = Math.min(view.columns, maxLineColumns);
  const rows = traces.map((trace) => ({
    time: timePiece(trace.startTime, view),
    duration: { text: durationText(trace.duration).padStart(durationColumns) },
    id: { text: trace.traceId, style: "dim" } as const,
  }));
  const fixed = widest(rows.map(({ duration, id }) => spaced([duration, gap(1), id]))) - 1;
  const timeColumns = widest(rows.map(({ time }) => [time])) + 2;
  const hasTime = lineColumns - fixed - timeColumns >= minDescriptionColumns;
  const room = Math.max(minDescriptionColumns, lineColumns - fixed - (hasTime ? timeColumns : 0));
  const descriptions = descriptionsOf(traces, room);
  const columns = Math.min(maxDescriptionColumns, Math.max(0, ...descriptions.map(totalWidth)));
  return rows.map(({ time, duration, id }, i) => {
    const start = [...spaced([hasTime ? time : undefined, duration]), gap(2)];
    const description = descriptions[i] ?? [];
    const end = [gap(columns - totalWidth(description) + 2), id];
    return painted([...uncut(start), ...description, ...uncut(end)], view.paint);
  });
}

/** Names and services are cut to the room, the counts never are: a trace with errors must be seen. */
function descriptionsOf(traces: readonly TraceSummary[], room: number): FittedPiece[][] {
  const names = traces.map(({ rootName, firstSpanName, services, errorCount }) =>
    spaced([
      { text: rootName || (firstSpanName ?? "(no name)"), style: errorCount > 0 ? ["bold", "red"] : "bold" },
      { text: firstSpanName === undefined ? "" : "(no root held)", style: "yellow" },
      servicePiece(services.join(", ")),
    ]),
  );
  const counts = traces.map(({ spanCount, errorCount }) => spaced(countPieces(spanCount, errorCount)));
  const isRoomy =
    room - widest(counts) - 2 >= minDescriptionColumns ||
    widest(names.map((name, i) => [...name, gap(2), ...(counts[i] ?? [])])) <= room;
  const shown = isRoomy
    ? counts
    : traces.map(({ spanCount, errorCount }) => shortCountPieces(spanCount, errorCount));
  return names.map((name, i) => {
    const count = shown[i] ?? [];
    return [...fitted(name, room - widthOf(count) - 2), ...uncut([gap(2), ...count])];
  });
}

function uncut(pieces: readonly Piece[]): FittedPiece[] {
  return fitted(pieces, Number.POSITIVE_INFINITY);
}

function widest(rows: readonly (readonly Piece[])[]): number {
  return Math.max(0, ...rows.map(widthOf));
}

export function countPieces(spanCount: number, errorCount: number): Piece[] {
  return [
    { text: counted(spanCount, "span") },
    { text: errorCount === 0 ? "" : counted(errorCount, "error"), style: "red" },
  ];
}

/** `4 ✗2`: 4 spans, 2 errors. */
function shortCountPieces(spanCount: number, errorCount: number): Piece[] {
  const errors: Piece = { text: `✗${errorCount}`, style: "red" };
  return [{ text: String(spanCount) }, ...(errorCount === 0 ? [] : [gap(1), errors])];
}

/** A number of items of a signal, in words. */
export function countedItems(count: number | bigint, signal: Signal): string {
  return counted(count, signalTraits[signal].itemNoun.one);
}

export function counted(count: number | bigint, noun: string): string {
  return `${count} ${noun}${Number(count) === 1 ? "" : "s"}`;
}
