import { serviceHues } from "../../format/value.ts";
import type { Line } from "./chart-data.ts";

/**
 * The hues of lines, by their keys. A line keeps the one that it had: the largest comes first, so that others change
 * places. A new one takes the first that no other has.
 * @param before those of the lines that were drawn before
 */
export function huesOf(
  lines: readonly Pick<Line, "key">[],
  before: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const hues = new Map(lines.flatMap(({ key }) => (before.has(key) ? [[key, before.get(key) ?? 0]] : [])));
  const taken = new Set(hues.values());
  let next = 0;
  for (const { key } of lines) {
    if (hues.has(key)) continue;
    while (taken.has(next)) next += 1;
    taken.add(next);
    hues.set(key, next);
  }
  return hues;
}

/** The class of a line's hue: when there are more lines than hues, these come again. */
export function hueClass(hue: number | undefined): string {
  return `hue-${(hue ?? 0) % serviceHues}`;
}
