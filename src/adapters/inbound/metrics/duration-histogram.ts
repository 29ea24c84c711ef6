import type { Metric, Registry } from "prom-client";

/** Upper bounds, inclusive, in seconds. */
const boundsSeconds = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

export interface DurationHistogramOptions {
  readonly name: string;
  readonly help: string;
}

/**
 * A histogram of durations. prom-client's histogram looks up the labels at each observation, which takes a
 * hundredth of the time of a small export; here a series is looked up once.
 */
export class DurationHistogram {
  readonly #options: DurationHistogramOptions;
  readonly #series: Series[] = [];

  constructor(options: DurationHistogramOptions) {
    this.#options = options;
  }

  registerWith(register: Registry): void {
    const { name, help } = this.#options;
    // A registry needs no more of a metric than these two.
    const metric = {
      name,
      get: async () => ({
        name,
        help,
        type: "histogram",
        values: this.#series.flatMap((series) => series.samples(name)),
      }),
    };
    register.registerMetric(metric as unknown as Metric);
  }

  /** The series with these labels; it is printed from its first observation on. */
  series(labels: Readonly<Record<string, string>>): { observe(durationMs: number): void } {
    const series = new Series(labels);
    this.#series.push(series);
    return series;
  }
}

class Series {
  readonly #labels: Readonly<Record<string, string>>;
  /** Observations by bucket; the last bucket is for those above all bounds. */
  readonly #counts = new Float64Array(boundsSeconds.length + 1);
  readonly #sum = new Float64Array(1);

  constructor(labels: Readonly<Record<string, string>>) {
    this.#labels = labels;
  }

  observe(durationMs: number): void {
    const seconds = durationMs / 1_000;
    let bucket = 0;
    while (seconds > (boundsSeconds[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
    this.#counts[bucket]!++;
    this.#sum[0]! += seconds;
  }

  /** The samples as prom-client prints them: buckets count all up to their bound (Prometheus, "Histograms"). */
  samples(name: string) {
    const labels = this.#labels;
    let count = 0;
    const buckets = Array.from(this.#counts, (observed, bucket) => {
      count += observed;
      const le = boundsSeconds[bucket] ?? "+Inf";
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
    });
    if (count === 0) {
      return [];
    }
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#sum[0] ?? 0 },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}
