import { type DurationFigures, durationFigures } from "../figures/duration-figures.ts";
import { DurationSketch } from "../figures/duration-sketch.ts";
import type { Names } from "./names.ts";
import type { SpanTable } from "./span-table.ts";

/** Calls from one service to another. */
export interface ServiceCalls {
  readonly caller: string;
  readonly callee: string;
  /** Whether the callee sends no spans, and is known by attributes of its callers alone. */
  readonly isPeer: boolean;
  /** Whether they were messages, of a producer or to a consumer. */
  readonly isMessaging: boolean;
  readonly calls: number;
  readonly errorCount: number;
  /** Those of the callee's spans, or where it sent none, of the caller's. Undefined when none has a duration. */
  readonly durations: DurationFigures | undefined;
}

/** No more pairs of services are told apart. */
const maxPairs = 20_000;

interface Pair {
  readonly caller: number;
  readonly callee: number;
  isMessaging: boolean;
  calls: number;
  errorCount: number;
  readonly sketch: DurationSketch;
  /** By which pairs with as many calls are ordered. */
  readonly name: string;
}

/** Counts the calls between services, span by span. */
export class GraphBuilder {
  readonly #table: SpanTable;
  readonly #names: Names;
  readonly #pairs = new Map<number, Pair>();
  /** Spans that match, by service. */
  readonly #spans = new Map<number, number>();
  /** All services that send. */
  readonly #senders = new Set<number>();
  /** Calls of pairs that are not told apart. */
  givenUp = 0;

  constructor(table: SpanTable, names: Names) {
    this.#table = table;
    this.#names = names;
  }

  /** Counts the call of a span by its parent, or else by those that it links to. @param linked indices of spans */
  addCalled(index: number, linked: readonly number[]): void {
    const table = this.#table;
    const service = table.service(index);
    this.#senders.add(service);
    if (table.isWanted(index)) this.#spans.set(service, (this.#spans.get(service) ?? 0) + 1);
    const parent = table.callerOf(index);
    const callers =
      parent >= 0 && table.isCall(parent, index) ? [parent] : this.#linkedCallers(index, linked);
    const counted = new Set<number>();
    for (const caller of callers) {
      table.setAnswered(caller);
      const from = table.service(caller);
      // A consumer may take many messages of one service at once.
      if (counted.has(from) || !(table.isWanted(index) || table.isWanted(caller))) continue;
      counted.add(from);
      this.#count(from, service, index, table.isMessage(caller, index));
    }
  }

  #linkedCallers(index: number, linked: readonly number[]): number[] {
    const table = this.#table;
    // A link says only that two spans have to do with each other. Messages are what is called by links.
    return linked.filter((caller) => table.isMessage(caller, index) && table.isCall(caller, index));
  }

  /** Counts the call of a client or producer span whose other side has sent nothing. */
  addUnanswered(index: number): void {
    const table = this.#table;
    const peer = table.peer(index);
    if (peer === 0 || !table.isCaller(index) || table.isAnswered(index) || !table.isWanted(index)) return;
    this.#count(table.service(index), peer, index, table.isProducer(index));
  }

  #count(caller: number, callee: number, index: number, isMessaging: boolean): void {
    const key = caller * 2 ** 20 + callee;
    let pair = this.#pairs.get(key);
    if (pair === undefined) {
      if (this.#pairs.size >= maxPairs) {
        this.givenUp += 1;
        return;
      }
      const name = `${this.#names.of(caller)}\0${this.#names.of(callee)}`;
      const sketch = new DurationSketch();
      pair = { caller, callee, name, isMessaging: false, calls: 0, errorCount: 0, sketch };
      this.#pairs.set(key, pair);
    }
    pair.calls += 1;
    if (isMessaging) pair.isMessaging = true;
    if (this.#table.hasFailed(index)) pair.errorCount += 1;
    const nano = this.#table.durationNano(index);
    if (nano !== undefined) pair.sketch.add(nano);
  }

  pairs(): Pair[] {
    return [...this.#pairs.values()];
  }

  show({ caller, callee, isMessaging, calls, errorCount, sketch }: Pair): ServiceCalls {
    return {
      caller: this.#names.of(caller),
      callee: this.#names.of(callee),
      isPeer: !this.#senders.has(callee),
      isMessaging,
      calls,
      errorCount,
      durations: durationFigures(sketch),
    };
  }

  services(): { name: string; spanCount: number }[] {
    return Array.from(this.#spans, ([index, spanCount]) => ({ name: this.#names.of(index), spanCount }));
  }
}

/** The most frequent first; those with as many calls by name. */
export function byCalls(a: Pair, b: Pair): number {
  return b.calls - a.calls || byName(a, b);
}

export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
