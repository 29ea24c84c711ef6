import type { JsonValue } from "@bufbuild/protobuf";
import { parseExactly, rawNumber } from "./exact-json.ts";

/** An attribute or a body as text: a text as it is, anything else as JSON. */
export function valueText(value: JsonValue | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A value over several lines where that helps: JSON that is in a text too. */
export function readableValue(value: JsonValue | undefined): string {
  if (typeof value === "object" && value !== null) return JSON.stringify(value, undefined, 2);
  const text = valueText(value);
  if (!/^\s*[[{]/.test(text) || nesting(text) > mostNesting) return text;
  try {
    return JSON.stringify(parseExactly(text, rawNumber), undefined, 2);
  } catch {
    return text;
  }
}

/** Each line of deeper JSON would begin with so many spaces that the text grows with the square of its depth. */
const mostNesting = 100;

/** How deep the brackets of a text are nested, at most. */
function nesting(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const [bracket] of text.matchAll(/[[{\]}]/g)) {
    depth += bracket === "[" || bracket === "{" ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** A name as a person sees it: one of white space alone has quotation marks. @param none for an empty one */
export function nameOr(name: string, none: string): string {
  if (name === "") return none;
  return name.trim() === "" ? JSON.stringify(name) : name;
}

/** The beginning of a text, in which no character is cut in half. */
export function beginningOf(text: string, most: number): string {
  const isHalf = /[\ud800-\udbff]/.test(text.charAt(most - 1));
  return text.slice(0, isHalf && most < text.length ? most - 1 : most);
}

/** `80,001`: every count of the page is written so. */
export function numberText(value: number | bigint): string {
  return value.toLocaleString("en");
}

/** `1 span`, `2,000 spans`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : many}`;
}

/** How long a text is, in UTF-8. */
export function textSize(text: string): string {
  return bytesText(new TextEncoder().encode(text).length);
}

/** `3.4 MiB` */
export function bytesText(bytes: number): string {
  const names = ["B", "KiB", "MiB", "GiB"];
  const power = bytes < 1 ? 0 : Math.min(names.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1024 ** power).toPrecision(3))} ${names[power]}`;
}

/** The hues of services; `page.css` has as many. */
export const serviceHues = 12;

/** The same name always has the same hue; two names may share one. */
export function hueOf(name: string): number {
  return hashOf(name) % serviceHues;
}

/** 32 bits (FNV-1a). */
export function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
