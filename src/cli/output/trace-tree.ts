import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Span } from "../../../gen/obsvty/v1/query_pb.ts";
import { toNanos } from "../api/proto-time.ts";
import { dateAndTime } from "./clock-time.ts";
import { gap, line, type Piece, spaced, type View, widthOf } from "./line.ts";
import { spanDetails } from "./span-details.ts";
import { durationColumns, durationText, errorPiece, hasFailed } from "./span-line.ts";
import { countPieces } from "./summary-line.ts";
import { shapeOf, type TraceNode } from "./trace-shape.ts";
import { omittedPiece, servicePiece } from "./value-text.ts";

export interface TreeOptions {
  /** Shows below each span what it has beside its name and times. */
  readonly verbose?: boolean;
}

/**
 * A trace as lines: a heading, and its spans as a tree with durations, and bars where there is room.
 * @param spans of one trace, at least one
 */
export function traceTree(
  spans: readonly Span[],
  view: View,
  { verbose = false }: TreeOptions = {},
): string[] {
  const window = windowOf(spans);
  const barColumns = view.columns >= 100 ? 24 : view.columns >= 70 ? 14 : 0;
  const room = view.columns - durationColumns - (barColumns === 0 ? 2 : barColumns + 4);
  const rows = rowsOf(shapeOf(spans), maxIndentIn(room));
  const widest = rows.reduce((most, { label, span }) => (span ? Math.max(most, widthOf(label)) : most), 0);
  const labelColumns = Math.max(minLabelColumns, Math.min(widest, room, maxLabelColumns));
  const labelView = { ...view, columns: Number.isFinite(room) ? labelColumns : room };
  const uncut = { ...view, columns: Number.POSITIVE_INFINITY };
  return [
    ...headingOf(spans, view),
    ...rows.flatMap(({ label, span, below }) => {
      if (span === undefined) {
        return [line(label, view)];
      }
      const figure: Piece = { text: durationText(span.duration).padStart(durationColumns) };
      const bar = barColumns === 0 ? undefined : barOf(span, window, barColumns);
      const rest = [gap(Math.max(0, labelColumns - widthOf(label)) + 2), ...spaced([figure, bar])];
      const own = `${line(label, labelView)}${line(rest, uncut)}`;
      return verbose ? [own, ...spanDetails(span, below, view)] : [own];
    }),
  ];
}

const minLabelColumns = 12;
/** Where lines are not cut, a longer label moves the duration of its own line only. */
const maxLabelColumns = 90;

/** One line; two where one has no room for the time and the counts. */
function headingOf(spans: readonly Span[], view: View): string[] {
  const { traceId = "" } = spans[0] ?? {};
  const { startTime } = firstOf(spans) ?? {};
  const id: Piece = { text: traceId, style: "bold" };
  const rest = [
    { text: startTime === undefined ? "" : dateAndTime(startTime), style: "dim" } as const,
    ...countPieces(spans.length, spans.filter(hasFailed).length),
  ];
  const whole = spaced([id, ...rest]);
  const lines = widthOf(whole) <= view.columns ? [whole] : [[id], spaced(rest)];
  return lines.map((pieces) => line(pieces, view));
}

interface Row {
  readonly label: readonly Piece[];
  /** The branches before further lines of the span. */
  readonly below: string;
  /** Undefined on a line that stands for spans that are not held. */
  readonly span?: Span;
}

interface OpenNode {
  readonly node: TraceNode;
  /** The branches before the node's own line, and before its children's lines. */
  readonly before: string;
  readonly below: string;
  readonly parent: Span | undefined;
}

/** Depth first, without recursion: a trace may be thousands deep. */
function rowsOf(top: readonly TraceNode[], maxIndent: number): Row[] {
  const rows: Row[] = [];
  const open = top.map((node): OpenNode => ({ node, before: "", below: "", parent: undefined })).reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, before, below, parent } = next;
    const own = shorten(`${below}${node.children.length > 0 ? "│  " : "   "}`, maxIndent);
    rows.push({ ...rowOf(node, before, parent), below: own });
    for (let i = node.children.length - 1; i >= 0; i--) {
      const isLast = i === node.children.length - 1;
      open.push({
        node: node.children[i] as TraceNode,
        before: shorten(`${below}${isLast ? "└─ " : "├─ "}`, maxIndent),
        below: shorten(`${below}${isLast ? "   " : "│  "}`, maxIndent),
        parent: node.span,
      });
    }
  }
  return rows;
}

/** The width of one level of the tree. */
const indentColumns = 3;
const mostIndent = 16 * indentColumns;

/** A third of the room for a label, so that names stay readable at every depth. */
function maxIndentIn(room: number): number {
  const levels = Math.floor(Math.min(room / 3, mostIndent) / indentColumns);
  return Math.max(2, levels) * indentColumns;
}

/** Keeps of a deep tree the branches nearest to the span. */
function shorten(indent: string, maxIndent: number): string {
  return indent.length > maxIndent ? `…  ${indent.slice(-maxIndent + indentColumns)}` : indent;
}

function rowOf(
  { span, reason = "" }: TraceNode,
  before: string,
  parent: Span | undefined,
): Omit<Row, "below"> {
  const branch: Piece = { text: before, style: "dim" };
  if (span === undefined) {
    return { label: [branch, { text: reason, style: "yellow" }] };
  }
  const what = spaced([
    { text: span.name || "(no name)", ...(hasFailed(span) && { style: "red" }) },
    span.service === parent?.service ? undefined : servicePiece(bracketed(span.service)),
    errorPiece(span),
    omittedPiece(span),
  ]);
  return { label: [branch, ...what], span };
}

function bracketed(service: string): string {
  return service === "" ? "" : `[${service}]`;
}

interface Window {
  readonly start: bigint;
  readonly length: bigint;
}

/** The span that started first, of those whose start is known. */
function firstOf(spans: readonly Span[]): TimedSpan | undefined {
  return spans.filter(hasStart).reduce<TimedSpan | undefined>((first, span) => {
    return first === undefined || toNanos(span.startTime) < toNanos(first.startTime) ? span : first;
  }, undefined);
}

/** The time from the first start to the last end, of the spans that have both. */
function windowOf(spans: readonly Span[]): Window {
  const timed = spans.filter(hasStart).filter(({ endTime }) => endTime !== undefined);
  const start = startOf(firstOf(timed));
  let end = start;
  for (const span of timed) {
    if (endOf(span) > end) end = endOf(span);
  }
  return { start, length: end - start };
}

/** A bar that shows when in the trace a span ran. */
function barOf(span: Span, { start, length }: Window, columns: number): Piece | undefined {
  if (span.startTime === undefined || span.endTime === undefined || length === 0n) {
    return undefined;
  }
  const at = (time: bigint) => (Number(time - start) / Number(length)) * columns;
  const from = Math.min(columns - 1, Math.floor(at(startOf(span))));
  const to = Math.max(from + 1, Math.round(at(endOf(span))));
  return {
    text: " ".repeat(from) + "━".repeat(to - from),
    style: hasFailed(span) ? "red" : "blue",
  };
}

type TimedSpan = Span & { readonly startTime: Timestamp };

function hasStart(span: Span): span is TimedSpan {
  return span.startTime !== undefined;
}

function startOf(span: Span | undefined): bigint {
  return span?.startTime === undefined ? 0n : toNanos(span.startTime);
}

function endOf(span: Span | undefined): bigint {
  return span?.endTime === undefined ? 0n : toNanos(span.endTime);
}
