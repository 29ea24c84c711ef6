import { invalidArgument, ObsvtyError } from "../../../domain/errors.ts";
import type { MetricFilter } from "../../../domain/filter.ts";
import type { GroupBy } from "../../../domain/grouping.ts";
import type { MetricFunction } from "../../../domain/metric-function.ts";
import { withinLimits } from "../../../domain/read-limits.ts";
import type { MetricPoint } from "../../../domain/telemetry.ts";
import { type ItemPlan, planOf } from "../../filter/item-plan.ts";
import type { Show } from "../answer-page.ts";
import type { Steps } from "../figures/nice-step.ts";
import { forEachInSteps, throughSteps } from "../in-steps.ts";
import { ItemReading } from "../item-reading.ts";
import { type AnswerQuery, boundsOf } from "../page-query.ts";
import type { ReadDependencies } from "../read-dependencies.ts";
import { shortName } from "../short-name.ts";
import { showInSteps } from "../show-in-steps.ts";
import { walkOrdinals } from "../walk.ts";
import { bucketLines } from "./bucket-lines.ts";
import type { DrawnSeries } from "./drawn-series.ts";
import { functionFor, hasShape, type MetricShape, quantileOf, shapeOf } from "./metric-shape.ts";
import { metricWindow } from "./metric-window.ts";
import { seriesSteps } from "./series-steps.ts";
import { SeriesTable } from "./series-table.ts";
import { StepClock } from "./step-clock.ts";

export interface SeriesQuery extends Omit<AnswerQuery, "after"> {
  /** Of the metric. */
  readonly name: string;
  /** @default matches every data point of the metric */
  readonly filter?: MetricFilter;
  /** @default see `seriesSteps` */
  readonly stepNano?: bigint | undefined;
  /** @default the first one of those that fit, see `functionFor` */
  readonly function?: MetricFunction | undefined;
  /** @default a line for each service and set of attributes */
  readonly groupBy?: readonly GroupBy[];
  /** Lines, at most. @default `readLimits.series` */
  readonly limit?: number;
}

export interface SeriesAnswer<Value> extends MetricShape {
  readonly function: MetricFunction;
  readonly description: string;
  /** Undefined when no data point matches. */
  readonly steps: Steps | undefined;
  /** The largest first. */
  readonly series: readonly Value[];
  /** Data points that the lines tell of. */
  readonly points: number;
  /** Data points that match and are in no line: see query.proto. */
  readonly leftOutPoints: number;
  readonly leftOutSeries: number;
  readonly cursor: string;
  readonly unreadable: number;
}

/** A line to draw. */
export interface ShownSeries {
  readonly drawn: DrawnSeries;
  readonly steps: Steps;
}

/** A distribution over time has no more buckets than this, so that its heat map has rows that can be told apart. */
const maxBuckets = 64;
/** The data point before the window tells where the first one in it begins. */
const lookBackNano = 300_000_000_000n;

/**
 * A metric over time.
 * @throws ObsvtyError not-found when no data point of the metric is held, invalid-argument that names an argument,
 *   answers-too-large, or the reason of the abort
 */
export async function queryMetric<Value>(
  dependencies: ReadDependencies,
  query: SeriesQuery,
  show: Show<ShownSeries, Value>,
): Promise<SeriesAnswer<Value>> {
  const { name, share, abort, groupBy = [] } = query;
  if (name === "") throw invalidArgument("name", "must be the name of a metric");
  const { limit: _, ...bounds } = query;
  const maxSeries = withinLimits("series", query.limit);
  const pageBounds = boundsOf(bounds);
  const filter = { ...query.filter, name };
  if (query.filter?.name !== undefined && query.filter.name !== name) {
    throw invalidArgument("filter.name", "must be the name of the metric, or absent");
  }
  const plan = planOf("metrics", filter);
  const { signal } = plan;
  const { first: from, next: to } = dependencies.store.range(signal);
  const newest = async (of: ItemPlan<"metrics">) => {
    let found: MetricPoint | undefined;
    const reading = new ItemReading(dependencies, of);
    await walkOrdinals(
      dependencies,
      { signal, filter: of.filter, from, to, order: "newest", abort },
      (ordinal) => {
        const point = reading.read(ordinal);
        if (point !== undefined && reading.matches(point)) found = point;
        return found === undefined;
      },
    );
    return found;
  };
  const match = await newest(plan);
  const example = match ?? (await newest(planOf("metrics", { name })));
  if (example === undefined) throw new ObsvtyError("not-found", "no data point of this metric is held");
  const shape = shapeOf(example);
  const asked = functionFor(shape, query.function);
  if (asked === "buckets" && groupBy.length > 0) {
    throw invalidArgument("group_by", "must be empty for buckets, which are those of all series");
  }
  const window = match && (await metricWindow(dependencies, plan, to, abort));
  const steps = window && seriesSteps(window, query.stepNano);
  const answer = {
    ...shape,
    unit: shortName(shape.unit),
    function: asked,
    description: shortName(example.description),
    steps,
    cursor: dependencies.cursors.encode({ [signal]: to }),
  };
  if (steps === undefined) {
    return { ...answer, series: [], points: 0, leftOutPoints: 0, leftOutSeries: 0, unreadable: 0 };
  }

  const clock = new StepClock(steps);
  const windowStartUnixNano = steps.startUnixNano;
  const table = new SeriesTable(groupBy, { shape, asked, clock, windowStartUnixNano });
  const earlier = planOf("metrics", { ...filter, sinceUnixNano: windowStartUnixNano - lookBackNano });
  const reading = new ItemReading(dependencies, earlier);
  let points = 0;
  let leftOutPoints = 0;
  const growTo = share.growingPart();
  await walkOrdinals(
    dependencies,
    { signal, filter: earlier.filter, from, to, order: "oldest", abort },
    (ordinal) => {
      const point = reading.read(ordinal);
      if (point === undefined || !reading.matches(point)) return true;
      const counts = hasShape(point, shape) && table.add(point);
      if (point.timeUnixNano >= windowStartUnixNano) {
        if (counts) points += 1;
        else leftOutPoints += 1;
      }
      growTo(table.bytes);
      return true;
    },
  );
  await forEachInSteps(dependencies, table.end(), abort, () => true);
  const ofTable = table.largest(asked === "buckets" ? 1 : maxSeries);
  const [all] = ofTable.drawn;
  // All series are in one line then, of which each bucket is one.
  const isByBucket = asked === "buckets" && all !== undefined;
  const most = Math.min(maxSeries, maxBuckets);
  const drawn = isByBucket
    ? await throughSteps(dependencies, bucketLines(all, steps.count, most), abort)
    : ofTable.drawn;
  growTo(table.bytes + drawn.reduce((sum, { bucket, bytes }) => (bucket ? sum + bytes : sum), 0));
  const quantile = quantileOf(asked);
  if (quantile !== undefined && shape.type !== "summary") {
    await forEachInSteps(dependencies, quantiles(drawn, quantile), abort, () => true);
  }
  const { unit, description } = answer;
  const envelopeBytes = pageBounds.envelopeBytes + Buffer.byteLength(JSON.stringify([unit, description]));
  const shown = await showInSteps(dependencies, drawn, { ...pageBounds, envelopeBytes }, abort, (each) =>
    show({ drawn: each, steps }),
  );
  const leftOutSeries = ofTable.leftOut + drawn.length - shown.length;
  return {
    ...answer,
    series: shown,
    points,
    leftOutPoints,
    leftOutSeries,
    unreadable: reading.unreadable,
  };
}

function* quantiles(drawn: readonly DrawnSeries[], part: number) {
  for (const each of drawn) yield* each.setQuantiles(part);
}
