import { serviceHues } from "../../format/value.ts";
import type { SpanNode } from "./span-nodes.ts";
import { barOf, type Range } from "./time-range.ts";

/** A piece of a line, in pixels, in one colour. */
export interface Strip {
  readonly y: number;
  readonly from: number;
  readonly to: number;
  /** The hue of a service; undefined for spans that failed. */
  readonly hue: number | undefined;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const failed = serviceHues;
const colours = serviceHues + 1;

/**
 * Spans as pieces of lines, of which there are no more than pixels, however many spans there are. Where several spans lie
 * in one line, each pixel has the hue of most of them, and tells of those that failed before all others.
 * @param hues of the services
 */
export function minimapStrips(
  nodes: readonly SpanNode[],
  hues: ReadonlyMap<string, number>,
  whole: Range,
  { width, height }: Size,
): readonly Strip[] {
  const strips: Strip[] = [];
  const lines = width > 0 ? Math.min(nodes.length, height) : 0;
  /** By pixel, of each colour: how many spans more there are than in the pixel before. */
  const changes = new Int32Array((width + 1) * colours);
  const change = (x: number, colour: number, by: 1 | -1) => {
    const at = x * colours + colour;
    changes[at] = (changes[at] ?? 0) + by;
  };
  for (let line = 0; line < lines; line++) {
    changes.fill(0);
    const end = Math.floor(((line + 1) * nodes.length) / lines);
    for (let at = Math.floor((line * nodes.length) / lines); at < end; at++) {
      const node = nodes[at] as SpanNode;
      const bar = barOf(node, whole);
      if (bar === undefined) continue;
      const colour = node.failed ? failed : (hues.get(node.service) ?? 0);
      const from = Math.min(width - 1, Math.floor((bar.left / 100) * width));
      const to = Math.max(from + 1, Math.round(((bar.left + bar.width) / 100) * width));
      change(from, colour, 1);
      change(to, colour, -1);
    }
    addLine(strips, changes, Math.floor((line * height) / lines), width);
  }
  return strips;
}

function addLine(strips: Strip[], changes: Int32Array, y: number, width: number): void {
  const counts = new Int32Array(colours);
  let [from, drawn] = [0, -1];
  for (let x = 0; x <= width; x++) {
    let shown = -1;
    for (let colour = 0; colour < colours; colour++) {
      const count = (counts[colour] ?? 0) + (changes[x * colours + colour] ?? 0);
      counts[colour] = count;
      const isMost = shown === -1 || colour === failed || count > (counts[shown] ?? 0);
      if (count > 0 && isMost) shown = colour;
    }
    if (shown === drawn) continue;
    if (drawn >= 0) strips.push({ y, from, to: x, hue: drawn === failed ? undefined : drawn });
    [from, drawn] = [x, shown];
  }
}
