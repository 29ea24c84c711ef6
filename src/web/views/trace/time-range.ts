import type { SpanNode } from "./span-nodes.ts";

/** From when to when the waterfall shows, in nanoseconds since the start of the trace. */
export interface Range {
  readonly fromNs: number;
  readonly toNs: number;
}

/** Where a bar lies in a range, in percent of its width. @returns undefined when it lies outside or has no time */
export function barOf(
  { startNs, durationNs }: Pick<SpanNode, "startNs" | "durationNs">,
  { fromNs, toNs }: Range,
): { readonly left: number; readonly width: number } | undefined {
  if (startNs === undefined) return undefined;
  const end = startNs + Math.max(0, durationNs ?? 0);
  if (end < fromNs || startNs > toNs) return undefined;
  const whole = Math.max(1, toNs - fromNs);
  const left = Math.max(0, startNs - fromNs) / whole;
  const right = Math.min(whole, end - fromNs) / whole;
  return { left: left * 100, width: Math.max(0, right - left) * 100 };
}

/** So many parts of the width are told apart: about as many as there are pixels. */
const strokes = 1_000;

/**
 * Spans as one shape over the width of a range, in the path language of SVG: the width is 1,000, the height 1. What
 * touches on the screen is one piece, so that there are at most some hundred, however many spans there are.
 * @param spans in any order
 */
export function shapeOf(
  spans: readonly Pick<SpanNode, "startNs" | "durationNs">[],
  range: Range,
  leastWidth = 2,
): string {
  const pieces = spans
    .flatMap((span) => barOf(span, range) ?? [])
    .map(({ left, width }) => {
      const from = Math.min(strokes - leastWidth, Math.floor((left / 100) * strokes));
      return { from, to: Math.max(from + leastWidth, Math.round(((left + width) / 100) * strokes)) };
    })
    .sort((one, other) => one.from - other.from);
  let shape = "";
  let [from, to] = [0, 0];
  const end = () => {
    if (to > from) shape += `M${from} 0H${to}V1H${from}z`;
  };
  for (const piece of pieces) {
    if (piece.from > to || to === from) {
      end();
      ({ from, to } = piece);
    } else {
      to = Math.max(to, piece.to);
    }
  }
  end();
  return shape;
}

/** A part of a trace as the address holds it, in nanoseconds; the whole where it holds none, or one that is none. */
export function rangeOf(params: Readonly<Record<string, string>>, whole: Range): Range {
  const [fromNs, toNs] = [Number(params.from || Number.NaN), Number(params.to || Number.NaN)];
  return fromNs >= 0 && fromNs < toNs && fromNs < whole.toNs
    ? { fromNs, toNs: Math.min(toNs, whole.toNs) }
    : whole;
}

/** In a trace of more than 104 days, whose times are no whole nanoseconds, this part of it has some that differ. */
const leastPart = 2 ** -50;

/** A range with so much of its length as `factor` says, around a time, and within the whole. */
export function zoomed({ fromNs, toNs }: Range, factor: number, aroundNs: number, whole: Range): Range {
  const length = Math.max(10, whole.toNs * leastPart, (toNs - fromNs) * factor);
  if (length >= whole.toNs) return whole;
  const from = Math.max(0, Math.min(whole.toNs - length, aroundNs - length / 2));
  return { fromNs: Math.floor(from), toNs: Math.ceil(from + length) };
}

/** A range moved so that a span lies within it, and widened where it is shorter than the span. */
export function rangeWith(
  range: Range,
  { startNs, durationNs = 0 }: Pick<SpanNode, "startNs" | "durationNs">,
  whole: Range,
): Range {
  if (startNs === undefined) return range;
  const lengthNs = Math.max(0, durationNs);
  if (startNs >= range.fromNs && startNs + lengthNs <= range.toNs) return range;
  const toNs = Math.max(range.toNs - range.fromNs, lengthNs * 1.1);
  return zoomed({ fromNs: 0, toNs }, 1, startNs + lengthNs / 2, whole);
}

/** A range of which one edge is moved to a time. It stays within the whole, and the other edge where it is. */
export function edgeMoved(range: Range, edge: keyof Range, atNs: number, whole: Range): Range {
  const least = Math.max(1, Math.round(whole.toNs / 1_000));
  const at = Math.round(atNs);
  return edge === "fromNs"
    ? { fromNs: Math.max(0, Math.min(at, range.toNs - least)), toNs: range.toNs }
    : { fromNs: range.fromNs, toNs: Math.min(whole.toNs, Math.max(at, range.fromNs + least)) };
}

/** Round times for an axis: at most `most` of them, 1, 2 or 5 times a power of ten apart. */
export function axisTicks({ fromNs, toNs }: Range, most: number): readonly number[] {
  const rough = (toNs - fromNs) / most;
  if (!(rough > 0)) return [fromNs];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, power * ([1, 2, 5, 10].find((factor) => power * factor >= rough) ?? 10));
  const ticks: number[] = [];
  // A step may be too small for times of decades to differ by it.
  for (let at = Math.ceil(fromNs / step) * step; at <= toNs && at !== ticks.at(-1); at += step)
    ticks.push(at);
  return ticks;
}
