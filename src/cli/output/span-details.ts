import type { JsonObject } from "@bufbuild/protobuf";
import type { Span, SpanEvent, SpanLink } from "../../../gen/obsvty/v1/query_pb.ts";
import { Span_SpanKindSchema } from "../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import { toNanos } from "../api/proto-time.ts";
import { formatDuration } from "./duration-text.ts";
import { gap, line, type Piece, type Style, type View, widthOf } from "./line.ts";
import { readable, withoutSequences } from "./readable.ts";
import { hasFailed } from "./span-line.ts";
import { counted } from "./summary-line.ts";
import { valueText } from "./value-text.ts";
import { textWidth, truncate } from "./visible.ts";

/** How many of one span are shown; JSON has all of them. */
const maxAttributes = 64;
const maxEvents = 32;
const maxLinks = 16;
/** The lines of one value, such as a stack trace. */
const maxLines = 24;
/** The lines of all details of a span. */
const maxSpanLines = 400;

/** A name and its value. The value is text from outside; it may have several lines. */
interface Detail {
  readonly depth: 0 | 1;
  readonly name: string;
  readonly value: string;
  readonly style?: Style;
}

/**
 * What a span has beside its name and times, as lines: status, kind, attributes, events and links.
 * @param branch stands before each line
 */
export function spanDetails(span: Span, branch: string, view: View): string[] {
  const details = [...detailsOf(span)];
  const before: Piece = { text: branch, style: "dim" };
  const room = view.columns - textWidth(branch);
  const widest = details.reduce((most, detail) => Math.max(most, widthOf(nameOf(detail))), 0);
  const nameColumns = Math.min(widest, maxNameColumns, Math.max(minNameColumns, Math.floor(room / 2)));
  const lines: string[] = [];
  for (const detail of details) {
    for (const pieces of detailLines(detail, nameColumns, room)) {
      if (lines.length === maxSpanLines) return [...lines, line([before, moreInJson], view)];
      lines.push(line([before, ...pieces], view));
    }
  }
  return lines;
}

const moreInJson: Piece = { text: "… more: --json has all of it", style: "yellow" };
const minNameColumns = 8;
/** A longer name moves the value of its own line only. */
const maxNameColumns = 32;
const indentColumns = 2;

function* detailsOf(span: Span): Iterable<Detail> {
  const { status, attributes, events, links, startTime } = span;
  if (status !== undefined && status.message !== "") {
    const style = hasFailed(span) ? "red" : undefined;
    yield { depth: 0, name: "status message", value: status.message, ...(style && { style }) };
  }
  const kind = Span_SpanKindSchema.value[span.kind];
  if (span.kind !== 0 && kind !== undefined) {
    yield { depth: 0, name: "kind", value: kind.localName.toLowerCase() };
  }
  yield* attributeDetails(attributes, 0);
  for (const event of events.slice(0, maxEvents)) yield* eventDetails(event, startTime && toNanos(startTime));
  for (const link of links.slice(0, maxLinks)) yield* linkDetails(link);
  yield* leftOut({ event: events.length - maxEvents, link: links.length - maxLinks }, "not shown", 0);
  const { droppedAttributesCount, droppedEventsCount, droppedLinksCount } = span;
  const dropped = { attribute: droppedAttributesCount, event: droppedEventsCount, link: droppedLinksCount };
  yield* leftOut(dropped, "dropped by the sender", 0);
}

function* eventDetails(event: SpanEvent, start: bigint | undefined): Iterable<Detail> {
  const { time, name, attributes, droppedAttributesCount } = event;
  const offset = time === undefined || start === undefined ? undefined : toNanos(time) - start;
  const at = offset === undefined ? "" : `${offset < 0n ? "" : "+"}${formatDuration(offset)}  `;
  yield { depth: 0, name: "event", value: `${at}${readable(name) || "(no name)"}`, style: "bold" };
  yield* attributeDetails(attributes, 1);
  yield* leftOut({ attribute: droppedAttributesCount }, "dropped by the sender", 1);
}

function* linkDetails({ traceId, spanId, attributes, droppedAttributesCount }: SpanLink): Iterable<Detail> {
  yield { depth: 0, name: "link", value: `trace ${readable(traceId)}`, style: "bold" };
  yield { depth: 1, name: "span", value: readable(spanId) };
  yield* attributeDetails(attributes, 1);
  yield* leftOut({ attribute: droppedAttributesCount }, "dropped by the sender", 1);
}

function* attributeDetails(attributes: JsonObject | undefined, depth: 0 | 1): Iterable<Detail> {
  const all = Object.entries(attributes ?? {});
  for (const [name, value] of all.slice(0, maxAttributes)) yield { depth, name, value: valueText(value) };
  yield* leftOut({ attribute: all.length - maxAttributes }, "not shown", depth);
}

/** One line that says how many there are of each beside those that are shown. */
function* leftOut(
  counts: Readonly<Record<string, number | undefined>>,
  why: string,
  depth: 0 | 1,
): Iterable<Detail> {
  const some = Object.entries(counts).flatMap(([noun, count = 0]) =>
    count > 0 ? [counted(count, noun)] : [],
  );
  if (some.length > 0) yield { depth, name: why, value: some.join(", "), style: "yellow" };
}

function nameOf({ depth, name }: Detail): Piece[] {
  return [gap(depth * indentColumns), { text: name, style: "dim" }];
}

/** The name with its value beside it; a value of several lines stands below its name. */
function detailLines(detail: Detail, nameColumns: number, room: number): Piece[][] {
  const { depth, value, style } = detail;
  const lines = withoutSequences(value).trimEnd().split(/\r?\n/);
  const name = nameOf(detail);
  const piece = (text: string): Piece => ({ text, ...(style && { style }) });
  const isBlock = lines.length > 1;
  const width = widthOf(name);
  // A long name leaves less room: the line is cut, and not wrapped.
  if (!isBlock && width > nameColumns) return [[...name, gap(2), piece(tabless(value))]];
  const at = isBlock ? (depth + 1) * indentColumns : nameColumns + 2;
  const wrapped = lines.slice(0, maxLines).flatMap((text) => wrap(readable(tabless(text)), room - at));
  const shown = wrapped.slice(0, maxLines).map((text): Piece[] => [gap(at), piece(text)]);
  const left = wrapped.length - shown.length + Math.max(0, lines.length - maxLines);
  if (left > 0) shown.push([gap(at), { text: `… ${counted(left, "more line")}`, style: "dim" }]);
  if (isBlock) return [name, ...shown];
  const [[, first = piece("")] = [], ...others] = shown;
  return [[...name, gap(at - width), first], ...others];
}

/** Stack traces of Java are indented by tabs. */
function tabless(text: string): string {
  return text.replaceAll("\t", "    ");
}

/** A text of no control characters in lines that fit into the columns. */
function wrap(text: string, columns: number): string[] {
  if (columns < minNameColumns || textWidth(text) <= columns) return [text];
  const lines: string[] = [];
  for (let rest = text; rest !== ""; ) {
    const first = truncate(rest, columns);
    lines.push(first);
    rest = rest.slice(first.length);
  }
  return lines;
}
