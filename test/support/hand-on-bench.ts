import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { IngestOutcome } from "../../src/domain/outcome.ts";
import type { Signal } from "../../src/domain/signal.ts";
import type { SinkPolicy } from "../../src/domain/sink-policy.ts";
import type { StrictValidator } from "../../src/otlp/strict/strict-validator.ts";
import type { TelemetryStore } from "../../src/ports/telemetry-store.ts";
import { EventLoopTurns } from "../../src/use-cases/event-loop-turns.ts";
import { HandOn } from "../../src/use-cases/hand-on/hand-on.ts";
import { type HandOnLimits, handOnLimits } from "../../src/use-cases/hand-on/limits.ts";
import { type LaneState, totalOf } from "../../src/use-cases/hand-on/sink-state.ts";
import { Arrivals } from "../../src/use-cases/ingest/arrivals.ts";
import { createIngest } from "../../src/use-cases/ingest/ingest.ts";
import { IngestCounters } from "../../src/use-cases/ingest/ingest-counters.ts";
import { encode, requestOf } from "../contract/store-requests.ts";
import type { StoreLimits } from "../contract/telemetry-store.contract.ts";
import { FakeSink } from "./fake-sink.ts";
import { FakeStore } from "./fake-store.ts";
import { parseRequest } from "./fake-store-request.ts";
import { asShort } from "./ingest.ts";
import { VirtualTimers } from "./virtual-timers.ts";

export interface HandOnBenchOptions {
  readonly policy?: SinkPolicy;
  readonly maxItems?: number;
  readonly maxBytes?: number;
  /** @default the fake store */
  readonly makeStore?: (limits: StoreLimits) => TelemetryStore;
  readonly sink?: FakeSink;
  readonly limits?: Partial<HandOnLimits>;
  /** Requests that are there before handing on begins, with so many items each. */
  readonly before?: readonly number[];
  readonly strict?: StrictValidator;
}

export interface LoggedLine {
  readonly level: "info" | "warn";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Handing on to one fake sink, in virtual time. */
export class HandOnBench {
  readonly timers = new VirtualTimers();
  readonly store: TelemetryStore;
  readonly sink: FakeSink;
  readonly handOn: HandOn;
  readonly lines: LoggedLine[] = [];
  readonly #ingest: ReturnType<typeof createIngest>;
  #seed = 1;

  constructor(t: TestContext | undefined, options: HandOnBenchOptions = {}) {
    const { policy = "best-effort", maxItems = 1_000, maxBytes = 2 ** 24, sink = new FakeSink() } = options;
    const { makeStore = (limits: StoreLimits) => new FakeStore(limits) } = options;
    const store = makeStore({ maxItems, maxBytes });
    const arrivals = new Arrivals();
    const counters = new IngestCounters();
    this.store = store;
    this.sink = sink;
    const turns = new EventLoopTurns();
    const early = createIngest({ store, counters, arrivals, turns });
    for (const items of options.before ?? []) {
      const bytes = this.#request("traces", items);
      early("traces", [bytes], bytes.byteLength, "grpc");
    }
    const line = (level: LoggedLine["level"]) => (fields: object, message: string) => {
      this.lines.push({ level, message, fields: { ...fields } });
    };
    this.handOn = new HandOn({
      store,
      arrivals,
      sinks: [{ sink, policy }],
      log: { info: line("info"), warn: line("warn") },
      limits: { ...handOnLimits, ...options.limits },
      timers: this.timers,
      random: () => 1,
    });
    const { strict } = options;
    this.#ingest = createIngest({ store, counters, arrivals, turns, strict, handOn: this.handOn });
    t?.after(() => this.handOn.close(AbortSignal.abort()).catch(() => {}));
  }

  /** Ingests a request with so many items. @param timeoutMs how long the caller waits */
  send(signal: Signal = "traces", items = 1, timeoutMs = 10_000): IngestOutcome | Promise<IngestOutcome> {
    return this.sendBytes(signal, this.#request(signal, items), timeoutMs);
  }

  sendBytes(signal: Signal, bytes: Uint8Array, timeoutMs = 10_000): IngestOutcome | Promise<IngestOutcome> {
    const deadlineMs = this.timers.now() + timeoutMs;
    return asShort(this.#ingest(signal, [bytes], bytes.byteLength, "grpc", undefined, deadlineMs));
  }

  /** Ingests a request of over 256 KiB, for a caller who waits 10 s. */
  sendLong(signal: Signal, bytes: Uint8Array): Promise<IngestOutcome> {
    const deadlineMs = this.timers.now() + 10_000;
    const ingested = this.#ingest(signal, [bytes], bytes.byteLength, "grpc", undefined, deadlineMs);
    assert.ok("outcome" in ingested, "the request is long");
    return ingested.outcome;
  }

  #request(signal: Signal, items: number): Uint8Array {
    return encode(signal, requestOf(signal, items, { seed: this.#seed++ }));
  }

  /** The items that the destination has, as their bytes in hex. */
  taken(signal: Signal = "traces"): string[] {
    return this.sink.taken(signal).flatMap((bytes) => itemsIn(signal, bytes));
  }

  /** The items held, as their bytes in hex. */
  held(signal: Signal = "traces"): string[] {
    const { first, next } = this.store.range(signal);
    return Array.from({ length: next - first }, (_, i) =>
      Buffer.from(this.store.read(signal, first + i)!.item).toString("hex"),
    );
  }

  /** The figures of the sink over all signals. */
  state(): LaneState {
    const [state] = this.handOn.states();
    return totalOf(state!);
  }

  messages(): string[] {
    return this.lines.map(({ message }) => message);
  }
}

export function itemsIn(signal: Signal, bytes: Uint8Array): string[] {
  return parseRequest(signal, bytes).items.map(({ item }) => Buffer.from(item).toString("hex"));
}
