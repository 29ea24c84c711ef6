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

/** Digits of a trace id where there is no room for all of them: `obsvty trace` takes the beginning. */
const shortIdDigits = 12;

/**
 * Traces as lines: a description (root, services, how many spans), duration, start, id. Where a line has no room for
 * all of it, the id is cut to its beginning, and then the start is left out.
 */
export function summaryLines(traces: readonly TraceSummary[], view: View): string[] {
  const lineColumns = Math.min(view.columns, maxLineColumns);
  const rows = traces.map((trace) => ({
    time: timePiece(trace.startTime, view),
    duration: { text: durationText(trace.duration).padStart(durationColumns) },
    id: trace.traceId,
  }));
  const timeColumns = widest(rows.map(({ time }) => [time])) + 2;
  const otherColumns = widest(rows.map(({ duration }) => [duration])) + 4;
  const idColumns = Math.max(0, ...rows.map(({ id }) => id.length));
  const wholeColumns = widest(wholeDescriptionsOf(traces));
  const roomOf = (columns: number, withTime: boolean) =>
    lineColumns - columns - otherColumns - (withTime ? timeColumns : 0);
  const hasWholeId = roomOf(idColumns, true) >= Math.min(wholeColumns, maxDescriptionColumns);
  const shownIdColumns = hasWholeId ? idColumns : Math.min(idColumns, shortIdDigits + 1);
  const hasTime = roomOf(shownIdColumns, true) >= minDescriptionColumns;
  const room = Math.max(minDescriptionColumns, roomOf(shownIdColumns, hasTime));
  const descriptions = descriptionsOf(traces, room);
  const columns = Math.min(maxDescriptionColumns, Math.max(0, ...descriptions.map(totalWidth)));
  return rows.map(({ time, duration, id }, i) => {
    const description = descriptions[i] ?? [];
    const shownId = id.length > shownIdColumns ? `${id.slice(0, shortIdDigits)}…` : id;
    const end = spaced([duration, hasTime ? time : undefined, { text: shownId, style: "dim" }]);
    const space = gap(columns - totalWidth(description) + 2);
    return painted([...description, ...uncut([space, ...end])], view.paint);
  });
}

/** Root, services and how many spans, uncut. */
function wholeDescriptionsOf(traces: readonly TraceSummary[]): Piece[][] {
  return traces.map((trace) => [
    ...namesOf(trace),
    gap(2),
    ...spaced(countPieces(trace.spanCount, trace.errorCount)),
  ]);
}

function namesOf({ rootName, firstSpanName, services, errorCount }: TraceSummary): Piece[] {
  return spaced([
    { text: rootName || (firstSpanName ?? "(no name)"), style: errorCount > 0 ? ["bold", "red"] : "bold" },
    { text: firstSpanName === undefined ? "" : "(no root held)", style: "yellow" },
    servicePiece(services.join(", ")),
  ]);
}

/** Names and services are cut to the room, the counts never are: a trace with errors must be seen. */
function descriptionsOf(traces: readonly TraceSummary[], room: number): FittedPiece[][] {
  const names = traces.map(namesOf);
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
