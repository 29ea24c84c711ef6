/* How far rows of the tree are indented: deep trees must leave room for names. */

export interface IndentRoom {
  readonly stepPx: number;
  /** As many levels have a step each; deeper ones stand below each other, with their number. */
  readonly levels: number;
}

/** Of the width of a row. The part of a row for the tree is twice as wide, or more. */
const share = 0.18;
/** Rows of a phone. */
export const narrowPx = 720;
const edgePx = 4;

/** @param rowPx how wide the rows are */
export function indentRoom(rowPx: number): IndentRoom {
  const stepPx = rowPx <= narrowPx ? 8 : 12;
  return { stepPx, levels: Math.max(1, Math.floor((rowPx * share - edgePx) / stepPx)) };
}

/** The style of the cell of a row: where its text begins, and the lines that lead up to the levels above. */
export function indentStyle(depth: number, { stepPx, levels }: IndentRoom) {
  const px = Math.min(depth, levels) * stepPx;
  return { paddingLeft: `${edgePx + px}px`, "--step": `${stepPx}px`, backgroundSize: `${px}px 100%` };
}

/** The level to be written into a row, from 1 on, as `aria-level` counts; undefined where its place tells it. */
export function writtenLevel(depth: number, { levels }: IndentRoom): number | undefined {
  return depth > levels ? depth + 1 : undefined;
}
