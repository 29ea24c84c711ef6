import type { Comparison } from "../comparison/comparison.ts";
import { formatDuration } from "./duration-text.ts";
import { gap, line, type Piece, type Style, type View } from "./line.ts";
import { figure, fittedTable, leftOutColumns } from "./table.ts";

/** Rows of each table. */
const maxRows = 200;
/** Where there is no room, these columns are left out in this order. */
const expendable = ["p95", "median"];
const marks = { came: "+", went: "-", stayed: " " } as const;
const styles: Readonly<Record<string, Style>> = { "+": "green", "-": "red" };

type Name = Comparison["operations"][number] | Comparison["edges"][number]["child"];

/** A comparison for people: what came has a +, what went a -. */
export function comparisonLines(comparison: Comparison, view: View): string[] {
  const { operations, edges, logs, metrics } = comparison;
  const operationRows = operations.map(({ change, before, after, ...name }) => [
    `${marks[change]} ${operationText(name)}`,
    pair(before?.count, after?.count, figure),
    pair(before?.errors, after?.errors, figure),
    pair(before?.medianNanos, after?.medianNanos, durationText),
    pair(before?.p95Nanos, after?.p95Nanos, durationText),
  ]);
  const edgeLines = edges.map(({ change, parent, child }) => edgePieces(marks[change], parent, child));
  const logRows = logs.map(({ service, severity, before, after }) => [
    `  ${[service, severity].filter((text) => text !== "").join("  ")}`,
    pair(before, after, figure),
  ]);
  const metricLines = metrics.map(({ change, service, name, type, unit }): Piece[] => [
    { text: `${marks[change]} ${[name, service, type, unit].filter((text) => text !== "").join("  ")}` },
  ]);
  return [
    ...tableOf(["  operation", "spans", "errors", "median", "p95"], operationRows, view),
    ...listOf("  parent → child, of operations in both", edgeLines, view),
    ...tableOf(["  log records", "count"], logRows, view),
    ...listOf("  metric", metricLines, view),
    resultText(comparison),
  ];
}

function tableOf(headings: readonly string[], rows: readonly (readonly string[])[], view: View): string[] {
  if (rows.length === 0) return [];
  const plain: View = { ...view, paint: (_style, text) => text };
  const { lines, leftOut } = fittedTable(headings, rows.slice(0, maxRows), expendable, plain);
  const [heading = "", ...shown] = lines;
  const note = leftOutColumns(leftOut, view);
  return [
    view.paint("dim", heading),
    ...shown.map((text) => marked(text, view)),
    ...more(rows.length),
    ...(note === "" ? [] : [`  ${note}`]),
    "",
  ];
}

function listOf(heading: string, lines: readonly (readonly Piece[])[], view: View): string[] {
  if (lines.length === 0) return [];
  const plain: View = { ...view, paint: (_style, text) => text };
  return [
    view.paint("dim", heading),
    ...lines.slice(0, maxRows).map((pieces) => marked(line(pieces, plain), view)),
    ...more(lines.length),
    "",
  ];
}

function more(count: number): string[] {
  return count > maxRows ? [`  … ${figure(count - maxRows)} more are not shown`] : [];
}

function marked(text: string, { paint }: View): string {
  const style = styles[text.charAt(0)];
  return style === undefined ? text : paint(style, text);
}

/** What tells operations apart most comes first: where there is no room, the end is cut. */
function operationText({ service, name, kind }: Name): string {
  return [nameText(name), service, kindText(kind)].filter((text) => text !== "").join("  ");
}

function edgePieces(mark: string, parent: Name | null, child: Name): Piece[] {
  const names = parent === null ? [child] : [parent, child];
  const services = names.map(({ service }) => service || "(none)");
  const kinds = names.map(({ kind }) => kind);
  return [
    { text: `${mark} ` },
    { text: parent === null ? "(root)" : nameText(parent.name), share: 0.4 },
    { text: " → " },
    { text: nameText(child.name), share: 0.5 },
    gap(2),
    { text: fromTo(services) },
    gap(2),
    { text: kinds.some((kind) => kindText(kind) !== "") ? fromTo(kinds) : "" },
  ];
}

/** `shop → cart`, or `shop` when both are the same. */
function fromTo(texts: readonly string[]): string {
  return [...new Set(texts)].join(" → ");
}

function nameText(name: string): string {
  return name || "(no name)";
}

function kindText(kind: string): string {
  return kind === "unspecified" || kind === "internal" ? "" : kind;
}

/** `3 → 5`, or `3` when it is the same. */
function pair(
  before: number | undefined,
  after: number | undefined,
  text: (value: number) => string,
): string {
  const [left, right] = [before, after].map((value) => (value === undefined ? "-" : text(value)));
  return fromTo([String(left), String(right)]);
}

function durationText(nanos: number): string {
  return formatDuration(BigInt(Math.round(nanos)));
}

function resultText({ differs, operations, edges, metrics }: Comparison): string {
  if (!differs) return "the same structure";
  const parts = Object.entries({ operations, edges, metrics }).flatMap(([noun, of]) => {
    const count = (change: "came" | "went") => of.filter((each) => each.change === change).length;
    const counts = [`+${figure(count("came"))}`, `-${figure(count("went"))}`].filter(
      (text) => !/^.0$/.test(text),
    );
    return counts.length === 0 ? [] : [`${noun} ${counts.join(" ")}`];
  });
  return `the structure differs: ${parts.join(", ")}`;
}
