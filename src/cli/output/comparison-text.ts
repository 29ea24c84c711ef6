import type { Comparison } from "../comparison/comparison.ts";
import { formatDuration } from "./duration-text.ts";
import { line, type Style, type View } from "./line.ts";
import { figure, table } from "./table.ts";

/** Rows of each table. */
const maxRows = 200;
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
  const edgeLines = edges.map(
    ({ change, parent, child }) =>
      `${marks[change]} ${parent === null ? "(root)" : operationText(parent)} → ${operationText(child)}`,
  );
  const logRows = logs.map(({ service, severity, before, after }) => [
    `  ${[service, severity].filter((text) => text !== "").join("  ")}`,
    pair(before, after, figure),
  ]);
  const metricLines = metrics.map(
    ({ change, service, name, type, unit }) =>
      `${marks[change]} ${[service, name, type, unit].filter((text) => text !== "").join("  ")}`,
  );
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
  const [heading = "", ...lines] = table(headings, rows.slice(0, maxRows), plain);
  return [view.paint("dim", heading), ...lines.map((text) => marked(text, view)), ...more(rows.length), ""];
}

function listOf(heading: string, lines: readonly string[], view: View): string[] {
  if (lines.length === 0) return [];
  const plain: View = { ...view, paint: (_style, text) => text };
  return [
    view.paint("dim", heading),
    ...lines.slice(0, maxRows).map((text) => marked(line([{ text }], plain), view)),
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

function operationText({ service, name, kind }: Name): string {
  return [service, name || "(no name)", kind === "unspecified" || kind === "internal" ? "" : kind]
    .filter((text) => text !== "")
    .join("  ");
}

/** `3 → 5`, or `3` when it is the same. */
function pair(
  before: number | undefined,
  after: number | undefined,
  text: (value: number) => string,
): string {
  const [left, right] = [before, after].map((value) => (value === undefined ? "-" : text(value)));
  return left === right ? String(left) : `${left} → ${right}`;
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
