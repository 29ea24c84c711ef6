import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RingStore } from "../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import type { IngestOutcome } from "../../../../src/domain/outcome.ts";
import { type Signal, signals } from "../../../../src/domain/signal.ts";
import { type SinkPolicy, sinkPolicies } from "../../../../src/domain/sink-policy.ts";
import type { AcceptedRequest, Delivery } from "../../../../src/ports/telemetry-sink.ts";
import type { TelemetryStore } from "../../../../src/ports/telemetry-store.ts";
import { handOnLimits } from "../../../../src/use-cases/hand-on/limits.ts";
import { encode, requestOf } from "../../../contract/store-requests.ts";
import type { StoreLimits } from "../../../contract/telemetry-store.contract.ts";
import { FakeSink } from "../../../support/fake-sink.ts";
import { FakeStore } from "../../../support/fake-store.ts";
import { HandOnBench, itemsIn } from "../../../support/hand-on-bench.ts";
import { createRandom, type Random } from "../../../support/random.ts";

// Random lives of a server with a sink, in virtual time: exports of any signal against small bounds, a destination that
// is up, down, slow, refuses, rejects, or dies when it has taken a delivery and before it says so. In the end the
// outside is well. Then each policy has to have kept what it promised, for each item by its bytes.

interface Step {
  readonly signal: Signal;
  readonly items: number;
  readonly padding: number;
  readonly passMs: number;
  readonly timeoutMs: number;
  readonly outside: "well" | "down" | "bad" | "moody" | "slow";
}

const step: fc.Arbitrary<Step> = fc.record({
  signal: fc.constantFrom(...signals),
  items: fc.integer({ min: 1, max: 6 }),
  padding: fc.constantFrom(0, 0, 500, 12_000),
  passMs: fc.constantFrom(0, 0, 1, 20, 150, 1_200, 15_000),
  timeoutMs: fc.constantFrom(200, 3_000, 15_000),
  outside: fc.constantFrom("well", "well", "down", "bad", "moody", "slow"),
});

const life = fc.record({
  policy: fc.constantFrom(...sinkPolicies),
  maxItems: fc.constantFrom(8, 30, 1_000),
  maxBytes: fc.constantFrom(65_536, 1_000_000),
  sinkBytes: fc.constantFrom(2_500, 4_000_000),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  steps: fc.array(step, { minLength: 1, maxLength: 40 }),
});

/** An outside that remembers what became of every item. */
class Outside {
  mood: Step["outside"] = "well";
  readonly has = new Set<string>();
  readonly refused = new Set<string>();
  open = 0;
  mostOpen = 0;
  readonly #random: Random;
  readonly #wait: (ms: number, abort: AbortSignal) => Promise<void>;

  constructor(random: Random, wait: (ms: number, abort: AbortSignal) => Promise<void>) {
    this.#random = random;
    this.#wait = wait;
  }

  async deliver(signal: Signal, requests: readonly AcceptedRequest[], abort: AbortSignal): Promise<Delivery> {
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    await this.#wait(this.mood === "slow" ? 12_000 : 1 + this.#random.below(300), abort);
    this.open -= 1;
    return this.#answer(requests.flatMap(({ bytes }) => itemsIn(signal, bytes)));
  }

  #answer(items: readonly string[]): Delivery {
    const moods = ["well", "down", "bad", "part", "dies", "throttles"] as const;
    switch (this.mood === "moody" ? this.#random.pick(moods) : this.mood) {
      case "down":
        return { kind: "later", code: "ECONNREFUSED" };
      case "throttles":
        return { kind: "later", code: "HTTP 429", retryAfterMs: this.#random.below(4_000) };
      case "bad":
        for (const item of items) this.refused.add(item);
        return { kind: "refused", code: "INVALID_ARGUMENT" };
      case "dies":
        for (const item of items) this.has.add(item);
        return { kind: "later", code: "ECONNRESET" };
      case "part": {
        const [first, ...rest] = items;
        this.refused.add(first!);
        for (const item of rest) this.has.add(item);
        return { kind: "partly-delivered", rejected: 1 };
      }
      default:
        for (const item of items) this.has.add(item);
        return { kind: "delivered" };
    }
  }
}

type Life = typeof life extends fc.Arbitrary<infer Value> ? Value : never;

async function live(
  { policy, maxItems, maxBytes, sinkBytes, seed, steps }: Life,
  makeStore: (limits: StoreLimits) => TelemetryStore,
): Promise<void> {
  const random = createRandom(seed);
  const sink = new FakeSink({ maxBytes: sinkBytes });
  const bench = new HandOnBench(undefined, { policy, maxItems, maxBytes, sink, makeStore });
  const outside = new Outside(random, (ms, abort) =>
    Promise.race([
      new Promise<void>((resolve) => void bench.timers.after(ms, resolve)),
      new Promise<void>((resolve) => abort.addEventListener("abort", () => resolve(), { once: true })),
    ]),
  );
  sink.outside = (signal, requests, abort) => outside.deliver(signal, requests, abort);

  /** Items of exports that were acknowledged, and those of them that a confirming sink had not got by then. */
  const unconfirmed: string[] = [];
  const acknowledged = new Set<string>();
  const answers: Promise<void>[] = [];
  for (const [i, { signal, items, padding, passMs, timeoutMs, outside: mood }] of steps.entries()) {
    outside.mood = mood;
    const resource = { padding: "x".repeat(padding) };
    const bytes = encode(signal, requestOf(signal, items, { seed: seed + i, resource }));
    const sent = itemsIn(signal, bytes);
    const acknowledge = (outcome: IngestOutcome) => {
      if (outcome.kind === "refused") return;
      for (const item of sent) {
        acknowledged.add(item);
        if (!outside.has.has(item) && outcome.kind === "accepted") unconfirmed.push(item);
      }
    };
    const outcome = bench.sendBytes(signal, bytes, timeoutMs);
    if (outcome instanceof Promise) answers.push(outcome.then(acknowledge));
    else acknowledge(outcome);
    await bench.timers.pass(passMs);
  }
  outside.mood = "well";
  await bench.timers.pass(200_000);
  await Promise.all(answers);

  const { delivered, refused, missed, backlogItems, backlogBytes } = bench.state();
  assert.deepEqual([backlogItems, backlogBytes], [0, 0], "nothing is left when the destination is well");
  const kept = signals.reduce((sum, signal) => sum + bench.store.range(signal).next, 0);
  assert.equal(delivered + refused + missed, kept, "every item kept is accounted for");
  const unaccounted = [...acknowledged].filter(
    (item) => !outside.has.has(item) && !outside.refused.has(item),
  );
  assert.ok(unaccounted.length <= allowedMissing(policy, missed, bench), `${unaccounted.length} are lost`);
  if (policy === "lossless") assert.equal(missed, 0);
  if (policy === "confirmed") assert.deepEqual(unconfirmed, []);
  const deliveries = policy === "confirmed" ? handOnLimits.singleDeliveries : handOnLimits.mergedDeliveries;
  assert.ok(outside.mostOpen <= deliveries * signals.length + handOnLimits.singleDeliveries);
  await bench.handOn.close(new AbortController().signal);
}

/** Acknowledged items that may be nowhere: those counted as missed, and single items too large for the sink. */
function allowedMissing(policy: SinkPolicy, missed: number, bench: HandOnBench): number {
  const tooLarge = bench.state().refused;
  return (policy === "best-effort" ? missed : 0) + (bench.sink.maxBytes < 10_000 ? tooLarge : 0);
}

for (const [name, makeStore, numRuns] of [
  ["the fake store", (limits) => new FakeStore(limits), 150],
  ["the ring buffer", (limits) => new RingStore({ ...limits, maxRequestBytes: 2 ** 20 }), 50],
] as const satisfies readonly [string, (limits: StoreLimits) => TelemetryStore, number][]) {
  test(`handing on keeps what each policy promised, whatever becomes of the destination, over ${name}`, async () => {
    const property = fc.asyncProperty(life, (one) => live(one, makeStore));
    await fc.assert(property, { numRuns, interruptAfterTimeLimit: 30_000 });
  });
}
