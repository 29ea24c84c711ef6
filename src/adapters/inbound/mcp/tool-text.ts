import { type DescMessage, type MessageShape, toJson } from "@bufbuild/protobuf";
import type { Shown } from "../../../use-cases/read/answer-page.ts";

/* The text of answers. Agents read it, so that what is empty is left out and what is long is cut. */

const maxValueLength = 500;
/** Of an item with very many values. */
const maxItemLength = 8_000;
/** The same for each span, and nothing of which an agent learns what a program did. */
const hiddenFields = new Set([
  "cursor",
  "resourceDetails",
  "observedTime",
  "flags",
  "droppedAttributesCount",
]);

export function shownLine(line: string): Shown<string> {
  return { value: line, byteLength: Buffer.byteLength(line) + 1 };
}

/** A message of the API as one line of JSON. */
export function itemLine<Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
  hidden: readonly string[] = [],
): string {
  const json = JSON.stringify(toJson(schema, message), (key, value) => {
    if (hiddenFields.has(key) || hidden.includes(key) || isEmpty(value)) return undefined;
    return typeof value === "string" ? cut(value) : value;
  });
  return cut(json, maxItemLength);
}

function isEmpty(value: unknown): boolean {
  if (value === "" || value === null) return true;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** The beginning of a long text, with its length. */
export function cut(text: string, length = maxValueLength): string {
  return text.length <= length
    ? text
    : `${text.slice(0, length).toWellFormed()}... (${text.length} characters)`;
}

/** A text that cannot be taken for more than one line. */
export function inLine(text: string): string {
  return cut(JSON.stringify(text).slice(1, -1), 200);
}

export function durationText(nano: number): string {
  for (const [unit, of] of [
    ["s", 1e9],
    ["ms", 1e6],
    ["us", 1e3],
  ] as const) {
    if (nano >= of) return `${Number((nano / of).toPrecision(3))}${unit}`;
  }
  return `${nano}ns`;
}

export function linesOf(lines: readonly (string | undefined | false)[]): string {
  return lines.filter((line) => typeof line === "string" && line !== "").join("\n");
}
