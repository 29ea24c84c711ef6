import type { Signal } from "../../src/domain/signal.ts";
import type { TelemetryStore } from "../../src/ports/telemetry-store.ts";
import { EventLoopTurns } from "../../src/use-cases/event-loop-turns.ts";
import { Arrivals } from "../../src/use-cases/ingest/arrivals.ts";
import { createIngest } from "../../src/use-cases/ingest/ingest.ts";
import { IngestCounters } from "../../src/use-cases/ingest/ingest-counters.ts";
import { AnswerMemory } from "../../src/use-cases/read/answer-memory.ts";
import { createReader } from "../../src/use-cases/read/reader.ts";
import type { WalkPace } from "../../src/use-cases/read/walk-pace.ts";
import { Watchers } from "../../src/use-cases/read/watchers.ts";
import { type AnyRequest, encode } from "../contract/store-requests.ts";
import { FakeStore } from "./fake-store.ts";
import { ingestNow } from "./ingest.ts";
import { makeAttributes } from "./otlp-attributes.ts";
import { plainReader } from "./plain-reader.ts";

export interface BuildOptions {
  readonly maxItems?: number;
  readonly maxWatchers?: number;
  readonly pace?: Partial<WalkPace>;
  /** Items that one call of the store looks at. */
  readonly maxRows?: number;
  /** Bytes of all answers together. */
  readonly maxAnswerBytes?: number;
  /** @default the fake one */
  readonly store?: TelemetryStore;
  readonly nowUnixNano?: () => bigint;
  /** What an item takes in an answer. @default 1 */
  readonly sizeOf?: (item: object) => number;
}

export function buildReader(options: BuildOptions = {}) {
  const {
    maxItems = 1_000,
    maxRows,
    maxWatchers,
    pace,
    maxAnswerBytes = 2 ** 30,
    sizeOf = () => 1,
  } = options;
  const store = options.store ?? new FakeStore({ maxItems, maxBytes: 100_000_000 }, maxRows);
  const counters = new IngestCounters();
  const arrivals = new Arrivals();
  const watchers = new Watchers(maxWatchers);
  const turns = new EventLoopTurns();
  const ingest = createIngest({ store, counters, arrivals, turns });
  const unhurried = { maxItems: 500, maxMs: 10_000 };
  const answers = new AnswerMemory(maxAnswerBytes);
  const wholeReader = createReader({
    store,
    counters,
    arrivals,
    turns,
    answers,
    watchers,
    pace: { ...unhurried, ...pace },
    ...(options.nowUnixNano && { nowUnixNano: options.nowUnixNano }),
  });
  const send = (signal: Signal, request: AnyRequest) => ingestNow(ingest, signal, encode(signal, request));
  const reader = plainReader(wholeReader, answers, sizeOf);
  return { store, counters, arrivals, watchers, answers, reader, wholeReader, send };
}

/** Spans of which those chosen have the attribute `tag`. */
export function withTag(tag: string, count: number, isChosen: (i: number) => boolean) {
  return range(0, count).map((i) => (isChosen(i) ? { attributes: makeAttributes({ tag }) } : {}));
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

export const names = (result: { readonly items: readonly { readonly name: string }[] }) =>
  result.items.map(({ name }) => name);
export const ordinals = (result: { readonly items: readonly { readonly ordinal: number }[] }) =>
  result.items.map(({ ordinal }) => ordinal);
