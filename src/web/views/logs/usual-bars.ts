import { usualTimes } from "../../state/usual-times.ts";
import { type Histogram, sum } from "./histogram.ts";

/** A part of the bars, both included. */
export interface BarRange {
  readonly first: number;
  readonly last: number;
}

/** So many times stand for all records: a bar with any has one at least. */
const samples = 200;
/** Bars that have records reach over this part of the axis at least, when it was chosen here. */
const leastPart = 4;

/**
 * The bars that an axis should reach over, where it should not reach over all: without a few records that are far from
 * the others, and without what is empty at its ends.
 * @param isChosen the axis was made by an earlier answer of this function; else it is that of the filter
 * @returns undefined when the axis fits
 */
export function usualBars(
  { start, step, bars }: Histogram,
  isChosen: boolean,
  now: bigint,
): BarRange | undefined {
  const all = bars.reduce((records, bar) => records + sum(bar), 0);
  const [times, indices]: [bigint[], number[]] = [[], []];
  for (const [index, bar] of bars.entries()) {
    const records = sum(bar);
    const from = start + BigInt(index) * step;
    const time = from <= now && now < from + step ? now : from;
    for (let sample = 0; sample < Math.ceil((records * samples) / all); sample++) {
      times.push(time);
      indices.push(index);
    }
  }
  if (times.length === 0) return undefined;
  const usual = usualTimes(times, now, step);
  const [first = 0, last = 0] = [indices[usual.first], indices[usual.last]];
  const isWhole = usual.first === 0 && usual.last === times.length - 1;
  if (isWhole && !(isChosen && (last - first + 1) * leastPart <= bars.length)) return undefined;
  return { first, last };
}
