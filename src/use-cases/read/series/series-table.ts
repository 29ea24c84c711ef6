import type { GroupBy, GroupedValue } from "../../../domain/grouping.ts";
import type { MetricPoint } from "../../../domain/telemetry.ts";
import { attributeText } from "../../filter/attribute-match.ts";
import { groupedValue } from "../../filter/group-value.ts";
import { seriesKeys } from "../../filter/series-key.ts";
import { shortName } from "../short-name.ts";
import { DrawnSeries } from "./drawn-series.ts";
import { isMeanOf, type Telling, type TellingOptions, tellingOf } from "./telling.ts";

/** More lines with values are not held at a time, nor more series of data points told apart. */
const maxDrawn = 1_000;
const maxSeries = 50_000;
/** More attributes do not tell lines apart. */
const maxLabels = 32;
const bytesOfSeries = 1_024;

interface Told {
  readonly telling: Telling;
  readonly line: Line;
}

/** A line, which is given up for good by taking away what is drawn of it. */
interface Line {
  readonly key: string;
  drawn: DrawnSeries | undefined;
}

/** The series that data points are of, and the lines that they are drawn as. */
export class SeriesTable {
  readonly #groupBy: readonly GroupBy[];
  readonly #options: TellingOptions;
  readonly #seriesKey = seriesKeys();
  readonly #told = new Map<string, Told>();
  readonly #lines = new Map<string, Line>();
  /** Those that have values. */
  readonly #filled = new Set<Line>();
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
    const key = this.#seriesKey(point);
    const told = this.#told.get(key) ?? this.#begin(key, point);
    const drawn = told?.line.drawn;
    if (told === undefined || drawn === undefined) return false;
    const before = told.telling.bytes + drawn.bytes;
    const counts = told.telling.add(point);
    if (counts) this.#addExemplars(drawn, point);
    this.#bytes += told.telling.bytes + drawn.bytes - before;
    this.#noteFilled(told.line);
    return counts;
  }

  #begin(key: string, point: MetricPoint): Told | undefined {
    if (this.#told.size >= maxSeries) return undefined;
    const line = this.#lineOf(point);
    const { drawn } = line;
    const told = { line, telling: drawn === undefined ? silent : tellingOf(this.#options, drawn) };
    this.#told.set(key, told);
    this.#bytes += bytesOfSeries;
    return told;
  }

  #addExemplars(drawn: DrawnSeries, { exemplars, timeUnixNano }: MetricPoint): void {
    const { clock } = this.#options;
    for (const exemplar of exemplars.slice(0, 100)) {
      const own = clock.stepOf(clock.at(exemplar.timeUnixNano));
      const step = clock.has(own) ? own : clock.stepOf(clock.at(timeUnixNano));
      // Its attributes are left out: they may be large.
      if (clock.has(step)) drawn.addExemplar(step, { ...exemplar, attributes: {} });
    }
  }

  #lineOf(point: MetricPoint): Line {
    const { by, values } = this.#labelsOf(point);
    const key = JSON.stringify([by, values]);
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const { clock, shape, asked } = this.#options;
    const line = { key, drawn: new DrawnSeries(by, values, clock.count, isMeanOf(shape, asked)) };
    this.#lines.set(key, line);
    this.#bytes += bytesOfSeries;
    return line;
  }

  #labelsOf(point: MetricPoint): { readonly by: readonly GroupBy[]; readonly values: readonly string[] } {
    if (this.#options.asked === "buckets") return { by: [], values: [] };
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

  /**
   * Gives up the smaller half of too many lines with values. Lines that have none yet stay: how large they are, is not
   * known before their series have been told for as long as those of the others.
   */
  #noteFilled(line: Line): void {
    if (line.drawn === undefined || line.drawn.bytes === 0) return;
    this.#filled.add(line);
    if (this.#filled.size <= maxDrawn) return;
    for (const { line: smaller, drawn } of bySize(this.#filled).slice(maxDrawn / 2)) {
      this.#bytes -= drawn.bytes;
      // What tells its series knows it, too.
      drawn.clear();
      smaller.drawn = undefined;
      this.#filled.delete(smaller);
    }
  }

  /** Ends the series, one with each step. */
  *end(): Generator<void, void, undefined> {
    for (const { telling, line } of this.#told.values()) {
      if (line.drawn !== undefined) telling.end();
      this.#noteFilled(line);
      yield;
    }
  }

  /** The lines, the largest first and those without values last, and how many more there were. */
  largest(limit: number): { readonly drawn: readonly DrawnSeries[]; readonly leftOut: number } {
    const lines = bySize(this.#filled).slice(0, limit);
    const drawn = lines.map((each) => each.drawn);
    for (const line of this.#lines.values()) {
      if (drawn.length >= limit) break;
      if (line.drawn !== undefined && !this.#filled.has(line)) drawn.push(line.drawn);
    }
    return { drawn, leftOut: this.#lines.size - drawn.length };
  }
}

const silent: Telling = { bytes: 0, add: () => false, end() {} };

function bySize(lines: Iterable<Line>): { readonly line: Line; readonly drawn: DrawnSeries }[] {
  return [...lines]
    .flatMap((line) => (line.drawn === undefined ? [] : { line, drawn: line.drawn }))
    .sort((a, b) => b.drawn.size - a.drawn.size || (a.line.key < b.line.key ? -1 : 1));
}

function textOf(value: GroupedValue): string {
  return value === undefined ? "" : shortName(attributeText(value));
}
