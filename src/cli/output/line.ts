import type { styleText } from "node:util";
import { readable } from "./readable.ts";
import { textWidth, truncate } from "./visible.ts";

export type Style = Parameters<typeof styleText>[0];

/** Colours a text, or hands it back as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

/** The terminal, or other place, where lines are shown. */
export interface View {
  /** Infinity where lines are never cut. */
  readonly columns: number;
  readonly paint: Paint;
  /** The time by which a date is today's. */
  readonly nowMs: number;
}

/** A text in one style. It may come from anybody who sends telemetry. */
export interface Piece {
  readonly text: string;
  readonly style?: Style;
}

/** The pieces as one line, cut to the columns, with no control characters of their texts. */
export function line(pieces: readonly Piece[], { columns, paint }: View): string {
  const shown = pieces.map(({ text, style }) => {
    const safe = readable(text);
    return { text: safe, style, width: textWidth(safe) };
  });
  const isCut = shown.reduce((sum, { width }) => sum + width, 0) > columns;
  // One column is for the ellipsis.
  let left = isCut ? columns - 1 : columns;
  let result = "";
  for (const { text, style, width } of shown) {
    const fitting = width <= left ? text : cutText(text, left);
    result += style === undefined || fitting === "" ? fitting : paint(style, fitting);
    if (width > left) break;
    left -= width;
  }
  return result;
}

function cutText(text: string, columns: number): string {
  return columns < 0 ? "" : `${truncate(text, columns)}…`;
}

/** Columns that the pieces take uncut. */
export function widthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { text }) => sum + textWidth(readable(text)), 0);
}

/** Spaces up to a width. */
export function gap(columns: number): Piece {
  return { text: " ".repeat(Math.max(0, columns)) };
}

/** The pieces that are not empty, with two spaces between them. */
export function spaced(pieces: readonly (Piece | undefined)[]): Piece[] {
  const present = pieces.filter((piece) => piece !== undefined && piece.text !== "") as Piece[];
  return present.flatMap((piece, i) => (i === 0 ? [piece] : [gap(2), piece]));
}
