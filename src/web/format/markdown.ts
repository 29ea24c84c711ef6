import { type Inline, inlinesOf } from "./markdown-inline.ts";
import { isTableStart, type Table, tableOf } from "./markdown-table.ts";
import { beginningOf } from "./value.ts";

/*
 * As much of Markdown as answers of language models use. Whatever else there is, HTML above all, stays the text that it
 * is: the result is a list of blocks, and never markup.
 */

export type Block =
  | Table
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "rule" }
  | { readonly kind: "heading"; readonly level: number; readonly content: readonly Inline[] }
  | { readonly kind: "paragraph"; readonly content: readonly Inline[] }
  | { readonly kind: "quote"; readonly blocks: readonly Block[] }
  | {
      readonly kind: "list";
      /** The number of the first item; undefined for a list without numbers. */
      readonly from: number | undefined;
      readonly items: readonly Item[];
    };

export interface Item {
  readonly blocks: readonly Block[];
  /** Undefined for an item that is no task. */
  readonly done: boolean | undefined;
}

/** What is in more lists and quotations than this is text, so that the time and the depth have an end. */
const mostDepth = 8;

const fence = /^ {0,3}(`{3,}|~{3,})/;
const headingMarks = /^ {0,3}(#{1,6}) +(?=\S)/;
const quoteMark = /^ {0,3}> ?/;
const itemMark = /^( *)(?:[-*+]|(\d{1,9})[.)])(?: {1,4}|$)/;
const taskMark = /^\[([ xX])\] +(?=\S)/;

export function markdownBlocks(text: string): readonly Block[] {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.replace(/^[ \t]+/, (room) => room.replaceAll("\t", "    ")));
  return blocksOf(lines, 0);
}

/** The beginning of a text, to the end of a line unless that is long. @param most characters */
export function linesWithin(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = text.lastIndexOf("\n", most);
  return end > most / 2 ? text.slice(0, end) : beginningOf(text, most);
}

/** A block, and the line after it. */
interface Found {
  readonly block: Block;
  readonly next: number;
}

function blocksOf(lines: readonly string[], depth: number): readonly Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    if (isEmpty(lines[at])) {
      at++;
      continue;
    }
    const { block, next } = blockAt(lines, at, depth) ?? paragraphAt(lines, at, depth);
    blocks.push(block);
    at = next;
  }
  return blocks;
}

/** What is no paragraph. */
function blockAt(lines: readonly string[], at: number, depth: number): Found | undefined {
  const line = lines[at] ?? "";
  const marks = fence.exec(line)?.[1];
  if (marks !== undefined) return codeAt(lines, at, marks);
  const [all = "", { length: level } = ""] = headingMarks.exec(line) ?? [];
  if (level > 0)
    return { block: { kind: "heading", level, content: inlinesOf(line.slice(all.length)) }, next: at + 1 };
  if (isRule(line)) return { block: { kind: "rule" }, next: at + 1 };
  if (isTableStart(line, lines[at + 1])) {
    const next = endOf(lines, at + 2, (other, index) => isEmpty(other) || isBlockStart(lines, index, depth));
    return { block: tableOf(lines.slice(at, next)), next };
  }
  if (depth === mostDepth) return undefined;
  if (quoteMark.test(line)) {
    const next = endOf(lines, at, (other) => !quoteMark.test(other));
    const inside = lines.slice(at, next).map((other) => other.replace(quoteMark, ""));
    return { block: { kind: "quote", blocks: blocksOf(inside, depth + 1) }, next };
  }
  return itemMark.test(line) ? listAt(lines, at, depth) : undefined;
}

function paragraphAt(lines: readonly string[], at: number, depth: number): Found {
  const next = endOf(lines, at + 1, (line, index) => isEmpty(line) || isBlockStart(lines, index, depth));
  const text = lines
    .slice(at, next)
    .map((line) => line.trim())
    .join("\n");
  return { block: { kind: "paragraph", content: inlinesOf(text) }, next };
}

/** To the end, where nothing ends it. */
function codeAt(lines: readonly string[], at: number, marks: string): Found {
  const end = endOf(lines, at + 1, (line) => {
    const text = line.trim();
    return text.startsWith(marks) && text.replaceAll(marks[0] ?? "", "") === "";
  });
  const room = roomOf(lines[at] ?? "");
  const text = lines
    .slice(at + 1, end)
    .map((line) => withoutRoom(line, room))
    .join("\n");
  return { block: { kind: "code", text }, next: end + 1 };
}

function listAt(lines: readonly string[], at: number, depth: number): Found {
  const [, , number] = itemMark.exec(lines[at] ?? "") ?? [];
  const items: Item[] = [];
  let next = at;
  for (;;) {
    const line = lines[next] ?? "";
    const [marks, room = "", ownNumber] = itemMark.exec(line) ?? [];
    if (marks === undefined || (ownNumber === undefined) !== (number === undefined)) break;
    // Models often put what is inside of "1." below its number.
    const inside = Math.min(marks.length, room.length + 2);
    const end = endOf(lines, next + 1, (other) => !isEmpty(other) && roomOf(other) < inside);
    const first = line.slice(marks.length);
    const task = taskMark.exec(first);
    const own = [
      first.slice(task?.[0].length ?? 0),
      ...lines.slice(next + 1, end).map((other) => withoutRoom(other, inside)),
    ];
    items.push({ blocks: blocksOf(own, depth + 1), done: task === null ? undefined : task[1] !== " " });
    next = end;
  }
  return { block: { kind: "list", from: number === undefined ? undefined : Number(number), items }, next };
}

/** Whether a line ends the paragraph or the table above it. */
function isBlockStart(lines: readonly string[], at: number, depth: number): boolean {
  const line = lines[at] ?? "";
  if (fence.test(line) || headingMarks.test(line) || isRule(line)) return true;
  if (isTableStart(line, lines[at + 1])) return true;
  return depth < mostDepth && (quoteMark.test(line) || itemMark.test(line));
}

function isRule(line: string): boolean {
  return /^(?:-{3,}|\*{3,}|_{3,})$/.test(line.replaceAll(" ", ""));
}

function endOf(
  lines: readonly string[],
  from: number,
  isEnd: (line: string, index: number) => boolean,
): number {
  let at = from;
  while (at < lines.length && !isEnd(lines[at] ?? "", at)) at++;
  return at;
}

function isEmpty(line = ""): boolean {
  return line.trim() === "";
}

function roomOf(line: string): number {
  return line.length - line.trimStart().length;
}

function withoutRoom(line: string, most: number): string {
  return line.slice(Math.min(most, roomOf(line)));
}
