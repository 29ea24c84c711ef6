import type { MetricFilter } from "../../../domain/filter.ts";
import type { MetricPoint, MetricType } from "../../../domain/telemetry.ts";
import { planOf } from "../../filter/item-plan.ts";
import { seriesKeys } from "../../filter/series-key.ts";
import type { Show } from "../answer-page.ts";
import { ItemReading } from "../item-reading.ts";
import { type AnswerQuery, boundsOf } from "../page-query.ts";
import type { ReadDependencies } from "../read-dependencies.ts";
import { shortName } from "../short-name.ts";
import { showInSteps } from "../show-in-steps.ts";
import { sortInSteps } from "../sort-in-steps.ts";
import { walkOrdinals } from "../walk.ts";

export interface MetricsQuery extends Omit<AnswerQuery, "after"> {
  /** @default matches everything */
  readonly filter?: MetricFilter;
  /** Metrics, at most. @default `readLimits.limit` */
  readonly limit?: number;
}

/** A metric: its points have one name, type and unit. */
export interface MetricUse {
  readonly name: string;
  readonly type: MetricType;
  readonly unit: string;
  /** That of the newest point. */
  readonly description: string;
  /** By name, without "". */
  readonly services: readonly string[];
  readonly points: number;
  readonly series: number;
  /** 0 when no point has a time. */
  readonly newestUnixNano: bigint;
}

export interface MetricsList<Value> {
  /** By name. */
  readonly metrics: readonly Value[];
  /** Metrics that are left out. */
  readonly leftOut: number;
  readonly cursor: string;
  readonly unreadable: number;
}

/** No more metrics, series of all of them and services of each are told apart. */
const maxMetrics = 20_000;
const maxSeries = 200_000;
const maxServices = 100;
const bytesOfMetric = 1_024;
const bytesOfSeries = 256;

/**
 * The metrics of the points that match.
 * @throws ObsvtyError invalid-argument that names an argument, answers-too-large, or the reason of the abort
 */
export async function listMetrics<Value>(
  dependencies: ReadDependencies,
  query: MetricsQuery,
  show: Show<MetricUse, Value>,
): Promise<MetricsList<Value>> {
  const { share, abort } = query;
  const bounds = boundsOf(query);
  const plan = planOf("metrics", query.filter);
  const { signal, filter } = plan;
  const reading = new ItemReading<"metrics">(dependencies, plan);
  const metrics = new Map<string, MetricCounts>();
  const series = new Set<string>();
  const seriesKey = seriesKeys();
  let givenUp = 0;
  const growTo = share.growingPart();
  const { first: from, next: to } = dependencies.store.range(signal);
  await walkOrdinals(dependencies, { signal, filter, from, to, order: "oldest", abort }, (ordinal) => {
    const point = reading.read(ordinal);
    if (point === undefined || !reading.matches(point)) return true;
    const { name, type, unit } = point;
    const key = JSON.stringify([shortName(name), type, shortName(unit)]);
    let counts = metrics.get(key);
    if (counts === undefined) {
      if (metrics.size >= maxMetrics) {
        givenUp += 1;
        return true;
      }
      counts = new MetricCounts(point);
      metrics.set(key, counts);
    }
    const ofSeries = seriesKey(point);
    const isNew = series.size < maxSeries && !series.has(ofSeries);
    if (isNew) series.add(ofSeries);
    counts.add(point, isNew);
    growTo(metrics.size * bytesOfMetric + series.size * bytesOfSeries);
    return true;
  });
  const found = await sortInSteps(dependencies, [...metrics], ([a], [b]) => (a < b ? -1 : 1), abort);
  const shown = await showInSteps(dependencies, found, bounds, abort, ([, counts]) => show(counts.use()));
  return {
    metrics: shown,
    leftOut: found.length - shown.length + givenUp,
    cursor: dependencies.cursors.encode({ [signal]: to }),
    unreadable: reading.unreadable,
  };
}

class MetricCounts {
  readonly #name: string;
  readonly #type: MetricType;
  readonly #unit: string;
  #description = "";
  readonly #services = new Set<string>();
  #points = 0;
  #series = 0;
  #newestUnixNano = 0n;

  constructor({ name, type, unit }: MetricPoint) {
    this.#name = shortName(name);
    this.#type = type;
    this.#unit = shortName(unit);
  }

  /** @param isNewSeries whether no point of its series was added before */
  add({ description, service, timeUnixNano }: MetricPoint, isNewSeries: boolean): void {
    this.#points += 1;
    if (isNewSeries) this.#series += 1;
    this.#description = shortName(description);
    if (service !== "" && this.#services.size < maxServices) this.#services.add(shortName(service));
    if (timeUnixNano > this.#newestUnixNano) this.#newestUnixNano = timeUnixNano;
  }

  use(): MetricUse {
    return {
      name: this.#name,
      type: this.#type,
      unit: this.#unit,
      description: this.#description,
      services: [...this.#services].sort(),
      points: this.#points,
      series: this.#series,
      newestUnixNano: this.#newestUnixNano,
    };
  }
}
