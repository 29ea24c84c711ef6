import type { LogFilterJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { call } from "../../api/call.ts";
import { apiTime } from "../../format/time.ts";
import { type Histogram, histogramOf, sum } from "./histogram.ts";
import { usualBars } from "./usual-bars.ts";

/** A histogram whose axis fits what is in its middle. */
export interface FittedHistogram {
  readonly histogram: Histogram;
  /** Of all records, as `levels` has them. */
  readonly totals: readonly number[];
  /** How many records lie before the axis, and after it. */
  readonly earlier: number;
  readonly later: number;
}

/** From a hundred years to seconds. */
const mostSteps = 6;

/** Asks again with another window of time while the axis does not fit. @returns undefined when no record has a time */
export async function readHistogram(
  logs: LogFilterJson,
  abort: AbortSignal,
): Promise<FittedHistogram | undefined> {
  const count = async (filter: LogFilterJson) =>
    histogramOf(await call("CountOverTime", { logs: filter, buckets: 120, groupBy: ["severity"] }, abort));
  let histogram = await count(logs);
  if (histogram === undefined) return undefined;
  const { totals } = histogram;
  let [earlier, later] = [0, 0];
  for (let step = 0; step < mostSteps; step++) {
    const usual = usualBars(histogram, step > 0, BigInt(Date.now()) * 1_000_000n);
    if (usual === undefined) break;
    const { start, step: length, bars }: Histogram = histogram;
    const since = apiTime(start + BigInt(usual.first) * length);
    const until = apiTime(start + BigInt(usual.last + 1) * length);
    const closer = await count({ ...logs, since, until });
    // They may have been evicted meanwhile.
    if (closer === undefined) break;
    earlier += recordsOf(bars.slice(0, usual.first));
    later += recordsOf(bars.slice(usual.last + 1));
    histogram = closer;
  }
  return { histogram, totals, earlier, later };
}

function recordsOf(bars: Histogram["bars"]): number {
  return bars.reduce((records, bar) => records + sum(bar), 0);
}
