import { fitted, gap, line, type Piece, type View, widthOf } from "./line.ts";
import type { Output } from "./output.ts";

/** The least columns of names that are cut. */
const minNameColumns = 8;

/**
 * Rows under headings. The first column is aligned left, the columns of figures right. Where there is no room the
 * names in the first column are cut, the figures are not.
 */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  view: View,
): string[] {
  const all: readonly Piece[][] = [
    headings.map((text) => ({ text, style: "dim" })),
    ...rows.map((row) => row.map((text) => ({ text }))),
  ];
  const [widestName = 0, ...widths] = columnsOf(all);
  const rest = widths.reduce((sum, width) => sum + 2 + width, 0);
  const nameColumns = Math.min(widestName, Math.max(minNameColumns, view.columns - rest));
  return all.map(([name, ...figures]) =>
    line(
      [
        ...(name === undefined ? [] : nameCell(name, nameColumns)),
        ...figures.flatMap((piece, i) => [gap(2 + (widths[i] ?? 0) - widthOf([piece])), piece]),
      ],
      view,
    ),
  );
}

export interface FittedTable {
  readonly lines: readonly string[];
  /** Headings of the columns that are left out. */
  readonly leftOut: readonly string[];
}

/**
 * A table that leaves out columns of figures before it cuts the names, as long as the names take no more than half of
 * the terminal.
 * @param expendable headings of the columns that may be left out, the first one first
 */
export function fittedTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  expendable: readonly string[],
  view: View,
): FittedTable {
  const [widestName = 0, ...widths] = columnsOf(
    [headings, ...rows].map((row) => row.map((text) => ({ text }))),
  );
  const names = Math.min(widestName, Math.floor(view.columns / 2));
  let missing = names + widths.reduce((sum, width) => sum + 2 + width, 0) - view.columns;
  const leftOut = new Set<number>();
  for (const heading of expendable) {
    if (missing <= 0) break;
    const at = headings.indexOf(heading);
    if (at < 1) continue;
    leftOut.add(at);
    missing -= 2 + (widths[at - 1] ?? 0);
  }
  const shown = (row: readonly string[]) => row.filter((_, at) => !leftOut.has(at));
  return {
    lines: table(shown(headings), rows.map(shown), view),
    leftOut: headings.filter((_, at) => leftOut.has(at)),
  };
}

/** What to say of columns that are left out; "" when none are. */
export function leftOutColumns(leftOut: readonly string[], { columns }: View): string {
  return leftOut.length === 0 ? "" : `no room in ${columns} columns for ${leftOut.join(", ")}`;
}

/** Prints a table as wide as the terminal, and says which columns it has no room for. */
export async function printTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  expendable: readonly string[],
  output: Output,
): Promise<void> {
  const { view } = output;
  const { lines, leftOut } = fittedTable(headings, rows, expendable, view);
  await output.lines(lines);
  if (leftOut.length > 0) output.say(leftOutColumns(leftOut, view));
}

function nameCell(name: Piece, columns: number): Piece[] {
  const cell = widthOf([name]) > columns ? fitted([name], columns) : [name];
  return [...cell, gap(columns - widthOf(cell))];
}

/** A table, with its rows as columns where they would be too long for the terminal. */
export function turnedTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  view: View,
): string[] {
  const all = [headings, ...rows];
  const width = columnsOf(all.map((row) => row.map((text) => ({ text })))).reduce(
    (sum, columns) => sum + 2 + columns,
  );
  if (width <= view.columns) {
    return table(headings, rows, view);
  }
  const [first = [], ...others] = headings.map((_, i) => all.map((row) => row[i] ?? ""));
  return table(first, others, view);
}

function columnsOf(rows: readonly (readonly Piece[])[]): number[] {
  const [headings = []] = rows;
  return headings.map((_, i) => Math.max(...rows.map((row) => widthOf(row.slice(i, i + 1)))));
}

/** `1,234,567` */
export function figure(value: bigint | number): string {
  return value.toLocaleString("en-US");
}

const byteUnits = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** `3.2 KiB` */
export function byteFigure(value: bigint | number): string {
  let amount = Number(value);
  let unit = 0;
  while (amount >= 1_024 && unit < byteUnits.length - 1) {
    amount /= 1_024;
    unit++;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${byteUnits[unit]}`;
}
