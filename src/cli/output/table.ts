import { gap, line, type Piece, type View, widthOf } from "./line.ts";

/** Rows under headings. The first column is aligned left, the columns of figures right. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  view: View,
): string[] {
  const all: readonly Piece[][] = [
    headings.map((text) => ({ text, style: "dim" })),
    ...rows.map((row) => row.map((text) => ({ text }))),
  ];
  const widths = headings.map((_, i) => Math.max(...all.map((row) => widthOf(row.slice(i, i + 1)))));
  return all.map((row) =>
    line(
      row.flatMap((piece, i) => {
        const space = gap((widths[i] ?? 0) - widthOf([piece]));
        return i === 0 ? [piece, space] : [gap(2), space, piece];
      }),
      view,
    ),
  );
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
