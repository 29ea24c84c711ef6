import type { Line } from "./chart-data.ts";

/*
 * What a heat map tells of the measurements of one time: how strong a colour is, and where percentiles lie among the
 * buckets.
 */

const weakest = 0.12;

/** How strong the colour of a cell is, from 0 to 1. Few measurements beside very many can be seen, too. */
export function shadeOf(count: number, most: number): number {
  return count > 0 ? weakest + (1 - weakest) * Math.sqrt(count / most) : 0;
}

const scaleSteps = 5;

/** Colours from the weakest to the strongest with the counts that they stand for. */
export function scaleOf(most: number): readonly { readonly count: number; readonly shade: number }[] {
  return Array.from({ length: scaleSteps }, (_, step) => {
    const count = most * ((step + 1) / scaleSteps) ** 2;
    return { count, shade: shadeOf(count, most) };
  });
}

export const percentiles = [50, 95, 99] as const;

export interface Percentile {
  readonly name: string;
  /** How many buckets lie below it; a part of one counts as a part. */
  readonly rows: number;
  /** Measurements count as spread evenly over their bucket; of one without an end it is the end that there is. */
  readonly value: number;
}

/** The percentiles of the measurements that lie in buckets at a step; none when there are no measurements. */
export function percentilesAt(lines: readonly Line[], step: number): readonly Percentile[] {
  const counts = lines.map(({ values }) => Math.max(0, values[step] ?? 0));
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return [];
  return percentiles.map((percent) => {
    const wanted = (all * percent) / 100;
    let below = 0;
    // The last one with measurements has what is left by rounding.
    let row = counts.findLastIndex((count) => count > 0);
    for (const [index, count] of counts.entries()) {
      if (count > 0 && below + count >= wanted) {
        row = index;
        break;
      }
      below += index < row ? count : 0;
    }
    const part = Math.min(1, Math.max(0, (wanted - below) / (counts[row] ?? 1)));
    return { name: `p${percent}`, rows: row + part, value: valueIn(lines[row]?.bucket, part) };
  });
}

function valueIn(bucket: Line["bucket"], part: number): number {
  const { low = Number.NaN, high = Number.NaN } = bucket ?? {};
  if (!Number.isFinite(low)) return high;
  return Number.isFinite(high) ? low + (high - low) * part : low;
}
