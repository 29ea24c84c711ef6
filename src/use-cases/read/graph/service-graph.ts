import type { SpanFilter } from "../../../domain/filter.ts";
import { statusCodeError } from "../../../domain/telemetry.ts";
import { decodeSpanCalls, type SpanCalls } from "../../../otlp/decode/span-calls.ts";
import { durationNano } from "../../filter/filter-fields.ts";
import { isForAll, planOf } from "../../filter/item-plan.ts";
import type { Show } from "../answer-page.ts";
import { type DurationFigures, durationFigures } from "../figures/duration-figures.ts";
import { DurationSketch } from "../figures/duration-sketch.ts";
import { forEachInSteps } from "../in-steps.ts";
import { ItemReading } from "../item-reading.ts";
import { type AnswerQuery, boundsOf } from "../page-query.ts";
import type { ReadDependencies } from "../read-dependencies.ts";
import { shortName } from "../short-name.ts";
import { showInSteps } from "../show-in-steps.ts";
import { sortInSteps } from "../sort-in-steps.ts";
import { walkOrdinals, walkViews } from "../walk.ts";
import { bytesOfSpan, IdHasher, SpanTable } from "./span-table.ts";

export interface GraphQuery extends Omit<AnswerQuery, "after"> {
  /** Calls of which the span of either side matches. @default all calls */
  readonly filter?: SpanFilter;
  /** Pairs of services, at most. @default `readLimits.limit` */
  readonly limit?: number;
}

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

export interface ServiceGraph<Value> {
  /** The most frequent first. */
  readonly calls: readonly Value[];
  /** The services of the spans that match, by name, with how many such spans they have. */
  readonly services: readonly { readonly name: string; readonly spanCount: number }[];
  /** Pairs of services that are left out, and the calls between them. */
  readonly leftOut: { readonly pairs: number; readonly calls: number };
  /** The oldest spans, which were not looked at. */
  readonly notLookedAt: number;
  readonly cursor: string;
  readonly unreadable: number;
}

/** No more spans, the newest, are looked at, and no more names and pairs are told apart. */
const maxSpans = 1_000_000;
const maxNames = 20_000;
const maxPairs = 20_000;
const maxServicesShown = 1_000;
const bytesOfPair = 2_048;

/**
 * Which service calls which, by parents, and where those tell nothing, by links.
 * @throws ObsvtyError invalid-argument that names an argument, answers-too-large, or the reason of the abort
 */
export async function serviceGraph<Value>(
  dependencies: ReadDependencies,
  query: GraphQuery,
  show: Show<ServiceCalls, Value>,
): Promise<ServiceGraph<Value>> {
  const { filter = {}, share, abort } = query;
  const bounds = boundsOf(query);
  const { store } = dependencies;
  const plan = planOf("spans", filter);
  const { signal } = plan;
  const { first, next: to } = store.range(signal);
  const from = Math.max(first, to - maxSpans);
  const size = to - from;
  share.take(size * bytesOfSpan);
  const table = new SpanTable(size);
  const names = new Names();
  const links = new Map<number, readonly number[]>();
  const graph = new GraphBuilder(table, names);
  const reading = new ItemReading(dependencies, plan);
  const isForEverySpan = isForAll(filter);

  const linkedHashes = await noteSpans();
  if (!isForEverySpan) await noteWanted();
  await forEachInSteps(dependencies, linkedHashes, abort, ([index, hashes]) => {
    const found = hashes.map((hash) => table.find(hash)).filter((linked) => linked >= 0 && linked !== index);
    if (found.length > 0) links.set(index, found);
    return true;
  });
  await eachSpan((index) => graph.addCalled(index, links.get(index) ?? []));
  await eachSpan((index) => graph.addUnanswered(index));

  const pairs = await sortInSteps(dependencies, graph.pairs(), byCalls, abort);
  share.take(pairs.length * bytesOfPair);
  const shown = await showInSteps(dependencies, pairs, bounds, abort, (pair) => show(graph.show(pair)));
  const left = pairs.slice(shown.length);
  const services = await sortInSteps(dependencies, graph.services(), byName, abort);
  return {
    calls: shown,
    services: services.slice(0, maxServicesShown),
    leftOut: {
      pairs: left.length,
      calls: left.reduce((sum, { calls }) => sum + calls, graph.givenUp),
    },
    notLookedAt: from - first,
    cursor: dependencies.cursors.encode({ [signal]: to }),
    unreadable: reading.unreadable,
  };

  /** @returns the hashes that spans link to, by the index of the span */
  async function noteSpans() {
    const hasher = new IdHasher();
    const linked: [number, ReturnType<IdHasher["of"]>[]][] = [];
    let linkCount = 0;
    await walkViews(dependencies, { signal, from, to, order: "oldest", abort }, (encoded) => {
      const span = reading.attempt(encoded.ordinal, () => decodeSpanCalls(encoded));
      if (span === undefined) return true;
      const index = encoded.ordinal - from;
      table.add(index, noted(span, hasher));
      if (isForEverySpan) table.setWanted(index);
      if (span.links.length > 0 && linkCount < maxSpans) {
        linkCount += span.links.length;
        linked.push([index, span.links.map((link) => hasher.of(link.traceIdBytes, link.spanIdBytes))]);
      }
      return true;
    });
    return linked;
  }

  async function noteWanted() {
    const request = { signal, filter: plan.filter, from, to, order: "oldest", abort } as const;
    await walkOrdinals(dependencies, request, (ordinal) => {
      const span = reading.read(ordinal);
      if (span !== undefined && reading.matches(span)) table.setWanted(ordinal - from);
      return true;
    });
  }

  async function eachSpan(visit: (index: number) => void) {
    await forEachInSteps(dependencies, blocks(size), abort, ([start, end]) => {
      for (let index = start; index < end; index++) if (table.isThere(index)) visit(index);
      return true;
    });
  }

  function noted(span: SpanCalls, hasher: IdHasher) {
    const { traceIdBytes, spanIdBytes, parentIdBytes, kind, statusCode, service, peer } = span;
    const nano = durationNano(span);
    return {
      id: hasher.of(traceIdBytes, spanIdBytes),
      parent: parentIdBytes.byteLength === 0 ? undefined : hasher.of(traceIdBytes, parentIdBytes),
      kind,
      hasFailed: statusCode === statusCodeError,
      durationNano: nano === undefined ? undefined : Number(nano),
      service: names.indexOf(service),
      peer: peer === "" ? 0 : names.indexOf(peer),
    };
  }
}

const blockLength = 256;

function* blocks(size: number): Generator<[number, number], void, undefined> {
  for (let start = 0; start < size; start += blockLength) yield [start, Math.min(size, start + blockLength)];
}

/** Names by numbers from 1 on. Of too many, all others are one without a name. */
class Names {
  readonly #indices = new Map<string, number>();
  readonly #names: string[] = [""];

  indexOf(name: string): number {
    const short = shortName(name);
    const known = this.#indices.get(short);
    if (known !== undefined) return known;
    if (this.#names.length > maxNames) return 0;
    this.#names.push(short);
    this.#indices.set(short, this.#names.length - 1);
    return this.#names.length - 1;
  }

  of(index: number): string {
    return this.#names[index] ?? "";
  }
}

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

class GraphBuilder {
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
function byCalls(a: Pair, b: Pair): number {
  return b.calls - a.calls || byName(a, b);
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
