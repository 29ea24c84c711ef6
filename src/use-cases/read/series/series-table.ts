import type { GroupBy, GroupedValue } from "../../../domain/grouping.ts";
import type { MetricPoint } from "../../../domain/telemetry.ts";
import { attributeText } from "../../filter/attribute-match.ts";
import { groupedValue } from "../../filter/group-value.ts";
import { seriesKey } from "../../filter/series-key.ts";
import { shortName } from "../short-name.ts";
import { DrawnSeries } from "./drawn-series.ts";
import { isMeanOf, type Telling, type TellingOptions, tellingOf } from "./telling.ts";

/** More lines are not held at a time, nor more series of data points told apart. */
const maxDrawn = 1_000;
const maxSeries = 50_000;
/** More attributes do not tell lines apart. */
const maxLabels = 32;
const bytesOfSeries = 1_024;
const bytesOfExemplar = 512;
/** A sum and a weight. */
const bytesOfStep = 16;

interface Told {
  readonly telling: Telling;
  readonly drawn: DrawnSeries;
}

/** The series that data points are of, and the lines that they are drawn as. */
export class SeriesTable {
  readonly #groupBy: readonly GroupBy[];
  readonly #options: TellingOptions;
  readonly #told = new Map<string, Told>();
  readonly #drawn = new Map<string, DrawnSeries>();
  #givenUp = 0;
  #bytes = 0;

  /** @param groupBy none: a line for each service and set of attributes of data points */
  constructor(groupBy: readonly GroupBy[], options: TellingOptions) {
    this.#groupBy = groupBy;
    this.#options = options;
  }

  /** Bytes that it holds, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @returns whether it counts; data points of lines that were given up do not */
  add(point: MetricPoint): boolean {
    const key = seriesKey(point);
    let told = this.#told.get(key);
    if (told === undefined) {
      if (this.#told.size >= maxSeries) return false;
      const drawn = this.#drawnOf(point);
      told = { drawn, telling: tellingOf(this.#options, drawn) };
      this.#told.set(key, told);
      this.#bytes += bytesOfSeries;
    }
    if (told.drawn.isGivenUp) return false;
    const grown = told.telling.add(point);
    if (grown === undefined) return false;
    this.#bytes += grown;
    this.#addExemplars(told.drawn, point);
    return true;
  }

  #addExemplars(drawn: DrawnSeries, { exemplars, timeUnixNano }: MetricPoint): void {
    const { clock } = this.#options;
    for (const exemplar of exemplars.slice(0, 100)) {
      const own = clock.stepOf(clock.at(exemplar.timeUnixNano));
      const step = clock.has(own) ? own : clock.stepOf(clock.at(timeUnixNano));
      // Its attributes are left out: they may be large.
      if (clock.has(step) && drawn.addExemplar(step, { ...exemplar, attributes: {} }))
        this.#bytes += bytesOfExemplar;
    }
  }

  #drawnOf(point: MetricPoint): DrawnSeries {
    const { by, values } = this.#labelsOf(point);
    const key = JSON.stringify([by, values]);
    const known = this.#drawn.get(key);
    if (known !== undefined) return known;
    if (this.#drawn.size - this.#givenUp >= maxDrawn) this.#giveUp();
    const { clock, shape, asked } = this.#options;
    const drawn = new DrawnSeries(by, values, clock.count, isMeanOf(shape, asked));
    this.#drawn.set(key, drawn);
    this.#bytes += bytesOfSeries + bytesOfStep * clock.count;
    return drawn;
  }

  #labelsOf(point: MetricPoint): { readonly by: readonly GroupBy[]; readonly values: readonly string[] } {
    if (this.#groupBy.length > 0) {
      return { by: this.#groupBy, values: this.#groupBy.map((by) => textOf(groupedValue(point, by))) };
    }
    const { service, attributes } = point;
    const keys = Object.keys(attributes).sort().slice(0, maxLabels);
    return {
      by: [{ field: "service" }, ...keys.map((key) => ({ attribute: shortName(key) }))],
      values: [service, ...keys.map((key) => attributes[key])].map(textOf),
    };
  }

  /** Gives up the smaller half of the lines for good: they stay known, without their values. */
  #giveUp(): void {
    const entries = [...this.#drawn]
      .filter(([, { isGivenUp }]) => !isGivenUp)
      .sort(([, a], [, b]) => b.size - a.size);
    for (const [key, drawn] of entries.slice(maxDrawn / 2)) {
      drawn.isGivenUp = true;
      this.#drawn.set(key, givenUp);
      this.#givenUp += 1;
      this.#bytes -= bytesOfStep * this.#options.clock.count;
    }
    for (const [key, { drawn }] of this.#told) {
      if (drawn.isGivenUp) this.#told.set(key, { drawn: givenUp, telling: silent });
    }
  }

  end(): void {
    for (const { telling } of this.#told.values()) telling.end();
  }

  /** The lines, the largest first, and how many more there were. */
  largest(limit: number): { readonly drawn: readonly DrawnSeries[]; readonly leftOut: number } {
    const all = [...this.#drawn]
      .filter(([, { isGivenUp }]) => !isGivenUp)
      .sort(([a, x], [b, y]) => y.size - x.size || (a < b ? -1 : 1))
      .map(([, drawn]) => drawn);
    return { drawn: all.slice(0, limit), leftOut: Math.max(0, all.length - limit) + this.#givenUp };
  }
}

const givenUp = new DrawnSeries([], [], 0, false);
givenUp.isGivenUp = true;
const silent: Telling = { add: () => undefined, end() {} };

function textOf(value: GroupedValue): string {
  return value === undefined ? "" : shortName(attributeText(value));
}
