import { type Inline, inlinesOf } from "./markdown-inline.ts";

export type Align = "left" | "center" | "right" | undefined;

export type Cells = readonly (readonly Inline[])[];

export interface Table {
  readonly kind: "table";
  /** One for each column. */
  readonly aligns: readonly Align[];
  readonly head: Cells;
  /** A row may have fewer cells than there are columns, and never has more. */
  readonly rows: readonly Cells[];
}

/** Whether a line is the head of a table, by the line below it, which has dashes for each column. */
export function isTableStart(line: string, below = ""): boolean {
  if (!line.includes("|") || !below.includes("|") || !/^[ |:-]+$/.test(below)) return false;
  const dashes = cellsOf(below);
  return dashes.every((text) => /^:?-+:?$/.test(text)) && cellsOf(line).length === dashes.length;
}

/** @param lines of which the first two are the start of a table */
export function tableOf([line = "", below = "", ...rows]: readonly string[]): Table {
  const aligns = cellsOf(below).map(alignOf);
  const cells = (row: string) => cellsOf(row, aligns.length).map((text) => inlinesOf(text));
  return { kind: "table", aligns, head: cells(line), rows: rows.map(cells) };
}

function alignOf(dashes: string): Align {
  const isRight = dashes.endsWith(":");
  if (dashes.startsWith(":")) return isRight ? "center" : "left";
  return isRight ? "right" : undefined;
}

/** @param most columns: what is beyond them stays in the last one */
function cellsOf(line: string, most = Number.POSITIVE_INFINITY): readonly string[] {
  const row = line.trim().replace(/^\|/, "");
  const cells = (row.endsWith("|") && !row.endsWith("\\|") ? row.slice(0, -1) : row).split(/(?<!\\)\|/);
  const kept = cells.length > most ? [...cells.slice(0, most - 1), cells.slice(most - 1).join("|")] : cells;
  return kept.map((text) => text.replaceAll("\\|", "|").trim());
}
