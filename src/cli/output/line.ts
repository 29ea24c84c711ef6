import type { styleText } from "node:util";
import { readable } from "./readable.ts";
import { textWidth, truncate } from "./visible.ts";

export type Style = Parameters<typeof styleText>[0];

/** Colours a text, or hands it back as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

/** The terminal, or other place, where lines are shown. */
export interface View {
  /** Infinity where there is no width: lines are cut at `maxLineColumns` all the same. */
  readonly columns: number;
  readonly paint: Paint;
  /** The time by which a date is today's. */
  readonly nowMs: number;
}

/** A text in one style. It may come from anybody who sends telemetry. */
export interface Piece {
  readonly text: string;
  readonly style?: Style;
  /** Where the line does not fit, the piece gets this part of the columns, so that it does not hide those behind it. */
  readonly share?: number;
  /** Columns of which it is of use, as the beginning of an id is: it gets them before the pieces ahead of it. */
  readonly least?: number;
}

/** The longest line, where there is no terminal whose width cuts it before. */
export const maxLineColumns = 8_192;

/** The pieces as one line, cut to the columns, with no control characters of their texts. */
export function line(pieces: readonly Piece[], { columns, paint }: View): string {
  return painted(fitted(pieces, Math.min(columns, maxLineColumns)), paint);
}

/** The pieces without control characters, each cut as far as all of them need to fit into the columns. */
export function fitted(pieces: readonly Piece[], columns: number): FittedPiece[] {
  const uncut = pieces.map((piece) => sized(piece, readable(piece.text)));
  const shown = totalWidth(uncut) > columns ? uncut.map((piece) => shared(piece, columns)) : uncut;
  const at = shown.findIndex(({ least }) => least !== undefined);
  const { least = 0 } = shown[at] ?? {};
  if (at < 2 || columns < minKeepingColumns) {
    return cutTo(shown, columns);
  }
  // The gap between them is kept, and one column is for the ellipsis.
  const ahead = cutTo(shown.slice(0, at - 1), columns - (shown[at - 1]?.width ?? 0) - least - 1);
  return cutTo([...ahead, ...shown.slice(at - 1)], columns);
}

/** On a narrower terminal the pieces ahead need all the columns. */
const minKeepingColumns = 80;

function cutTo(pieces: readonly FittedPiece[], columns: number): FittedPiece[] {
  if (totalWidth(pieces) <= columns) {
    return [...pieces];
  }
  const result: FittedPiece[] = [];
  // One column is for the ellipsis.
  let left = columns - 1;
  for (const piece of pieces) {
    if (piece.width > left) {
      result.push(sized(piece, cutText(left < (piece.least ?? 0) ? "" : piece.text, left)));
      break;
    }
    result.push(piece);
    left -= piece.width;
  }
  return result;
}

export function painted(pieces: readonly FittedPiece[], paint: Paint): string {
  return pieces
    .map(({ text, style }) => (style === undefined || text === "" ? text : paint(style, text)))
    .join("");
}

export interface FittedPiece extends Piece {
  readonly width: number;
}

function sized(piece: Piece, text: string): FittedPiece {
  return { ...piece, text, width: textWidth(text) };
}

/** The least columns of a piece that is cut to its share. */
const minSharedColumns = 12;

function shared(piece: FittedPiece, columns: number): FittedPiece {
  const { share = 1, width, text } = piece;
  const most = Math.max(minSharedColumns, Math.floor(columns * share));
  return share === 1 || width <= most ? piece : sized(piece, cutText(text, most - 1));
}

export function totalWidth(pieces: readonly FittedPiece[]): number {
  return pieces.reduce((sum, { width }) => sum + width, 0);
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
