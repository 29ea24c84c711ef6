import { fitted, gap, line, type Piece, type View, widthOf } from "./line.ts";

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
