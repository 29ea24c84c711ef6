import type { SpanFilter } from "../../../domain/filter.ts";
import type { GroupBy } from "../../../domain/grouping.ts";
import { statusCodeError } from "../../../domain/telemetry.ts";
import { traceIdOf } from "../../../otlp/decode/trace-id.ts";
import type { Columns } from "../../../ports/telemetry-store.ts";
import { durationNano } from "../../filter/filter-fields.ts";
import { planOf } from "../../filter/item-plan.ts";
import type { Show } from "../answer-page.ts";
import { type AnswerQuery, boundsOf } from "../page-query.ts";
import type { ReadDependencies } from "../read-dependencies.ts";
import { showInSteps } from "../show-in-steps.ts";
import { type DurationFigures, durationFigures } from "./duration-figures.ts";
import { DurationSketch } from "./duration-sketch.ts";
import { type Group, GroupTable, type GroupValue, type LeftOut, leftOutOf } from "./group-table.ts";
import { nanosBetween, TimeRange, type TimeWindow, wordsOf } from "./time-range.ts";
import { walkColumns } from "./walk-columns.ts";

/** What every way of counting items takes. */
export interface FiguresQuery<Filter> extends Omit<AnswerQuery, "after"> {
  /** @default matches everything */
  readonly filter?: Filter;
  /** @default one group of all */
  readonly groupBy?: readonly GroupBy[];
  /** Groups, at most. @default `readLimits.limit` */
  readonly limit?: number;
}

/** What every answer with figures has. */
export interface FiguresAnswer {
  /** Items that match. */
  readonly matched: number;
  readonly leftOut: LeftOut;
  /** Stands just after the newest item that was looked at. */
  readonly cursor: string;
  readonly unreadable: number;
}

export interface SpanSummary {
  readonly values: readonly GroupValue[];
  readonly count: number;
  /** Spans a second. Undefined when the window is not known, or is one nanosecond, which tells of no rate. */
  readonly rate: number | undefined;
  readonly errorCount: number;
  /** Undefined when no span has a duration. */
  readonly durations: DurationFigures | undefined;
  /** The ordinal of the newest span. */
  readonly ordinal: number;
  /** "" when there is none, or it has been evicted meanwhile. */
  readonly slowestTraceId: string;
  readonly newestErrorTraceId: string;
}

export interface SpanSummaries<Value> extends FiguresAnswer {
  /** The largest first. */
  readonly groups: readonly Value[];
  /** By which rates are computed: see `TimeRange.windowOf`. */
  readonly window: TimeWindow | undefined;
}

/** More groups are not counted at a time. Each takes a kilobyte or two. */
const maxGroups = 20_000;
const bytesOfGroup = 768;
/** Of the buckets of durations no more are there than items, nor than this for each group. */
const bytesOfBucket = 48;
const usualBuckets = 320;

/**
 * Counts spans by what they have in common. Only where the index tells too little, spans are decoded.
 * @throws ObsvtyError invalid-argument that names an argument, answers-too-large, or the reason of the abort
 */
export async function summarizeSpans<Value>(
  dependencies: ReadDependencies,
  query: FiguresQuery<SpanFilter>,
  show: Show<SpanSummary, Value>,
): Promise<SpanSummaries<Value>> {
  const { filter = {}, groupBy = [], share, abort } = query;
  const { store, cursors } = dependencies;
  const bounds = boundsOf(query);
  const plan = planOf("spans", filter);
  const { signal } = plan;
  const table = new GroupTable(groupBy, maxGroups, () => new SpanFigures());
  const times = new TimeRange();
  let matched = 0;
  const growTo = share.growingPart();
  const walked = await walkColumns(dependencies, {
    plan,
    groupBy,
    abort,
    onColumns(columns) {
      matched += columns.offsets.length;
      times.addAll(columns.times);
      addColumns(table, columns);
    },
    onItem(span) {
      matched += 1;
      times.add(span.startUnixNano);
      const nano = durationNano(span);
      table.ofItem(span).add(span.ordinal, nano === undefined ? nano : Number(nano), span.status.code);
    },
    onStep() {
      table.prune();
      growTo(table.size * bytesOfGroup + Math.min(matched, table.size * usualBuckets) * bytesOfBucket);
    },
  });
  const window = times.windowOf(filter, dependencies.nowUnixNano());
  const windowNano = window === undefined ? 0 : Number(window.endUnixNano - window.startUnixNano);
  const { groups, leftOut } = await table.largest(dependencies, bounds.maxItems, abort);
  const shown = await showInSteps(dependencies, groups, bounds, abort, (group) => show(summaryOf(group)));
  return {
    groups: shown,
    window,
    matched,
    leftOut: leftOutOf(groups.slice(shown.length), leftOut),
    cursor: cursors.encode({ [signal]: walked.next }),
    unreadable: walked.unreadable,
  };

  function summaryOf({ values, figures }: Group<SpanFigures>): SpanSummary {
    const { count, errorCount, newest, slowest, newestError } = figures;
    return {
      values,
      count,
      rate: windowNano > 1 ? (count * 1e9) / windowNano : undefined,
      errorCount,
      durations: figures.durations(),
      ordinal: newest,
      slowestTraceId: traceIdAt(slowest),
      newestErrorTraceId: traceIdAt(newestError),
    };
  }

  function traceIdAt(ordinal: number): string {
    const encoded = ordinal < 0 ? undefined : store.read(signal, ordinal);
    return encoded === undefined ? "" : traceIdOf(encoded.item);
  }
}

class SpanFigures {
  count = 0;
  errorCount = 0;
  /** Ordinals; -1 when there is none. */
  newest = -1;
  slowest = -1;
  newestError = -1;
  #slowestNano = -1;
  readonly #sketch = new DurationSketch();

  /** @param nano the duration; undefined when it is not known */
  add(ordinal: number, nano: number | undefined, statusCode: number): void {
    this.count += 1;
    if (ordinal > this.newest) this.newest = ordinal;
    if (statusCode === statusCodeError) {
      this.errorCount += 1;
      if (ordinal > this.newestError) this.newestError = ordinal;
    }
    if (nano === undefined) return;
    this.#sketch.add(nano);
    if (nano > this.#slowestNano || (nano === this.#slowestNano && ordinal > this.slowest)) {
      this.#slowestNano = nano;
      this.slowest = ordinal;
    }
  }

  durations(): DurationFigures | undefined {
    return durationFigures(this.#sketch);
  }
}

function addColumns(table: GroupTable<SpanFigures>, columns: Columns): void {
  const figures = table.ofColumns(columns);
  const { base, offsets, groups, statuses } = columns;
  const starts = wordsOf(columns.times);
  const ends = wordsOf(columns.endTimes);
  for (let i = 0, word = 0; i < offsets.length; i++, word += 2) {
    const startLow = starts[word] ?? 0;
    const startHigh = starts[word + 1] ?? 0;
    const endLow = ends[word] ?? 0;
    const endHigh = ends[word + 1] ?? 0;
    const isKnown = (startLow | startHigh) !== 0 && (endLow | endHigh) !== 0;
    const nano = isKnown ? nanosBetween(startLow, startHigh, endLow, endHigh) : undefined;
    figures[groups[i] ?? 0]?.add(base + (offsets[i] ?? 0), nano, statuses[i] ?? 0);
  }
}
