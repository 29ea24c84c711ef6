import type { JsonValue } from "@bufbuild/protobuf";
import { parseExactly } from "./exact-json.ts";

/** JSON in a longer text is shown as the text that it is. */
const mostOfJson = 256 * 1024;

const mostOfMarkdown = 50_000;

/**
 * The list or object that a value is, or that it holds as JSON in a text. Numbers that a double does not hold as they were
 * sent are texts.
 * @returns undefined for anything else
 */
export function structureOf(
  value: JsonValue | undefined,
): JsonValue[] | { [key: string]: JsonValue } | undefined {
  if (typeof value === "object" && value !== null) return value;
  if (typeof value !== "string" || value.length > mostOfJson || !/^\s*[[{]/.test(value)) return undefined;
  try {
    const parsed = parseExactly(value, (source) => source);
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** A line with a pipe above one of dashes and pipes: the start of a table. */
const table = /^[^|\n]*\|.*\r?\n(?=.*\|)(?=.*-)[ \t|:-]+\r?$/m;

/** Headings, blocks of code, tables, lists and links over several lines: worth showing as what they mean. */
export function isMarkdown(text: string): boolean {
  if (text.length > mostOfMarkdown || !text.includes("\n")) return false;
  if (/^#{1,6} \S|^(?:```|~~~)/m.test(text) || table.test(text)) return true;
  return (text.match(/^\s{0,3}(?:[-*+]|\d{1,9}[.)]) \S|\*\*[^*\n]+\*\*|\]\(https?:/gm) ?? []).length >= 2;
}

export interface StackLine {
  /** A frame of the program itself, or of its libraries and its platform; anything else is part of the message. */
  readonly kind: "message" | "own" | "library";
  readonly text: string;
}

const frame = /^\s*(?:at |File "|from |\d+: |#\d+ )|^\s+\S+\.(?:go|rs|rb|py):\d+/;

const library = new RegExp(
  [
    "node_modules|node:|<anonymous>|site-packages|dist-packages|/lib/python|<frozen |/gems/|/rustc/|/\\.cargo/",
    "/usr/local/go/|/pkg/mod/|libc\\.|^\\s*\\d+: (?:std|core|alloc|tokio)::",
    "^\\s*at (?:java|javax|jakarta|jdk|sun|kotlin|kotlinx|scala|System|Microsoft|org\\.(?:springframework|apache))\\.",
  ].join("|"),
);

/** The lines of a stack trace. @returns undefined for a text that has fewer than two frames */
export function stackOf(text: string): readonly StackLine[] | undefined {
  const lines = text.split(/\r?\n/);
  if (lines.filter((line) => frame.test(line)).length < 2) return undefined;
  let kind: StackLine["kind"] = "message";
  let depth = 0;
  return lines.map((line, index) => {
    const indented = line.length - line.trimStart().length;
    // Go writes where a function is on the line below its name.
    const place = /^\t\S+\.go:\d+/.test(lines[index + 1] ?? "") ? (lines[index + 1] ?? "") : line;
    if (frame.test(place)) {
      kind = library.test(place) ? "library" : "own";
      depth = indented;
    } else if (indented <= depth) {
      // Python writes the code below its frame, further to the right.
      kind = "message";
    }
    return { kind, text: line };
  });
}
