import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { RingStore } from "../../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import type { CommonFilter, FilterBySignal } from "../../../../../src/domain/filter.ts";
import { type Signal, signals } from "../../../../../src/domain/signal.ts";
import type { FindWindow } from "../../../../../src/ports/telemetry-store.ts";
import { encode, logsOf, metricsOf, requestOf, spansOf } from "../../../../contract/store-requests.ts";
import { FakeStore } from "../../../../support/fake-store.ts";
import { allServices } from "../../../../support/whole-answers.ts";

// Random lives of a ring buffer, each step compared with the plain model of test/support/fake-store.ts. The
// model has no bound on bytes: when the ring lets go of items for that is its own affair, so what it holds
// has to be the newest part of what the model holds.

interface Append {
  readonly kind: "append";
  readonly signal: Signal;
  readonly items: number;
  readonly seed: number;
  readonly service: string;
  /** Every so many items one is made invalid; 0 for none. */
  readonly badEach: number;
  /** Bytes of a resource attribute beside the others, for requests that fill slabs. */
  readonly padding: number;
  /** What is wrong with the bytes, if anything. */
  readonly damage: "none" | "cut short" | "ends badly" | "group";
  /** Where the body is split into chunks, as a share of it. */
  readonly splits: readonly number[];
}

interface Find {
  readonly kind: "find";
  readonly signal: Signal;
  readonly filter: FilterBySignal[Signal];
  readonly window: FindWindow;
}

type Step = Append | Find | { readonly kind: "clear" };

const services = ["cart", "shop", "überprüfung", ""] as const;
const signal = fc.constantFrom(...signals);

const append: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("append"),
  signal,
  items: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 6 }) }, fc.integer({ min: 0, max: 60 })),
  seed: fc.integer({ min: 1, max: 1_000 }),
  service: fc.constantFrom(...services),
  badEach: fc.constantFrom(0, 0, 0, 1, 2, 5),
  padding: fc.constantFrom(0, 0, 0, 1_000, 5_000, 30_000, 90_000),
  damage: fc.constantFrom("none", "none", "none", "none", "cut short", "ends badly", "group"),
  splits: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
});

const anyOf: fc.Arbitrary<CommonFilter>[] = [
  fc.constant({}),
  fc.record({ service: fc.constantFrom(...services, "nobody") }),
];
const named = fc.record({ name: fc.constantFrom("span 0", "span 1", "shop.orders", "nothing") });

const filters: { readonly [S in Signal]: fc.Arbitrary<FilterBySignal[S]> } = {
  traces: fc.oneof(
    ...anyOf,
    named,
    fc.record({ kind: fc.integer({ min: 0, max: 5 }), statusCode: fc.integer({ min: 0, max: 2 }) }),
    fc.record({ minDurationNano: fc.bigInt(0n, 50_000_000n) }),
  ),
  logs: fc.oneof(...anyOf, fc.record({ minSeverity: fc.integer({ min: 0, max: 24 }) })),
  metrics: fc.oneof(...anyOf, named, fc.record({ type: fc.constantFrom("gauge", "sum", "histogram") })),
  profiles: fc.oneof(...anyOf),
};

const find: fc.Arbitrary<Step> = signal.chain((signal) =>
  fc.record({
    kind: fc.constant("find"),
    signal: fc.constant(signal),
    filter: filters[signal],
    window: fc.record({
      from: fc.nat(300),
      to: fc.nat(400),
      order: fc.constantFrom("oldest", "newest"),
      limit: fc.integer({ min: 0, max: 50 }),
    }),
  }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: append },
  { weight: 6, arbitrary: find },
  { weight: 1, arbitrary: fc.constant({ kind: "clear" }) },
);

const limits = fc.record({
  maxItems: fc.constantFrom(1, 3, 20, 10_000),
  maxBytes: fc.constantFrom(65_536, 70_000, 300_000, 8_000_000),
});

function makeRequest({ signal, items, seed, service, badEach, padding }: Append): Uint8Array {
  const options = {
    seed,
    serviceName: service,
    ...(padding > 0 && { resource: { padding: "x".repeat(padding) } }),
  };
  const isBad = (i: number) => badEach > 0 && i % badEach === 0;
  switch (signal) {
    case "traces": {
      const request = spansOf(items, options);
      for (const [i, span] of request.resourceSpans[0]!.scopeSpans[0]!.spans.entries()) {
        if (isBad(i)) span.spanId = new Uint8Array(7);
      }
      return encode(signal, request);
    }
    case "metrics": {
      const request = metricsOf(items, options);
      for (const [i, metric] of request.resourceMetrics[0]!.scopeMetrics[0]!.metrics.entries()) {
        if (isBad(i) && metric.data.case !== undefined) metric.data.value.dataPoints[0]!.timeUnixNano = 0n;
      }
      return encode(signal, request);
    }
    case "logs":
      return encode(signal, logsOf(items, options));
    case "profiles":
      return encode(signal, requestOf(signal, items, options));
  }
}

function chunksOf(step: Append): Uint8Array[] {
  const sound = makeRequest(step);
  // A length of one beyond the end in the last byte but one; a group; or all but the last byte.
  const bytes = {
    none: sound,
    "cut short": sound.subarray(0, sound.byteLength - 1),
    "ends badly": Buffer.concat([sound, Uint8Array.of(0x0a, 0x01)]),
    group: Buffer.concat([sound, Uint8Array.of(0x9b, 0x06, 0x9c, 0x06)]),
  }[step.damage];
  const cuts = [
    0,
    ...step.splits.map((share) => Math.floor(share * bytes.byteLength)),
    bytes.byteLength,
  ].sort((a, b) => a - b);
  return cuts.slice(1).map((to, i) => bytes.slice(cuts[i], to));
}

function takeStep(step: Step, ring: RingStore, model: FakeStore, clearedItems: Record<Signal, number>): void {
  switch (step.kind) {
    case "append": {
      const chunks = chunksOf(step);
      const byteLength = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
      const before = signals.map((signal) => [ring.range(signal), ring.stats(signal)]);
      const { kind, ...outcome } = ring.append(step.signal, chunks, byteLength);
      const { kind: expectedKind, ...expected } = model.append(step.signal, chunks, byteLength);
      assert.equal(kind, expectedKind);
      if ("error" in outcome) {
        assert.equal(outcome.error.code, "not-the-message");
        assert.deepEqual(
          signals.map((signal) => [ring.range(signal), ring.stats(signal)]),
          before,
        );
      } else {
        const rejected = outcome.rejections.reduce((sum, { count }) => sum + count, 0);
        assert.equal(rejected, outcome.rejected);
        assert.deepEqual({ ...outcome, rejections: [] }, { ...expected, rejections: [] });
      }
      return;
    }
    case "find": {
      // Only as far back as both hold items.
      const from = Math.max(step.window.from, ring.range(step.signal).first);
      const window = { ...step.window, from };
      assert.deepEqual(
        ring.find(step.signal, step.filter, window),
        model.find(step.signal, step.filter, window),
      );
      return;
    }
    case "clear":
      for (const signal of signals) clearedItems[signal] += ring.stats(signal).items;
      ring.clear();
      model.clear();
  }
}

function assertAgree(
  ring: RingStore,
  model: FakeStore,
  { maxItems, maxBytes }: { readonly maxItems: number; readonly maxBytes: number },
  clearedItems: Readonly<Record<Signal, number>>,
): void {
  let bytes = 0;
  const held = new Map<string, number>();
  for (const signal of signals) {
    const { first, next } = ring.range(signal);
    const stats = ring.stats(signal);
    bytes += stats.bytes;
    assert.equal(next, model.range(signal).next);
    assert.ok(first >= model.range(signal).first, "it holds no more than the model");
    assert.equal(stats.items, next - first);
    assert.ok(stats.items <= maxItems);
    assert.equal(stats.bytes > 0, stats.items > 0);
    assert.equal(stats.evicted, first - clearedItems[signal], "what is gone was cleared or evicted");
    for (let ordinal = first; ordinal < next; ordinal++) {
      assert.deepEqual(ring.read(signal, ordinal), plain(model.read(signal, ordinal)));
    }
    const bounds = { maxBytes: Number.MAX_SAFE_INTEGER, maxRequests: Number.MAX_SAFE_INTEGER };
    assert.deepEqual(
      ring.readRequests(signal, first, bounds).map(plain),
      model.readRequests(signal, first, bounds).map(plain),
    );
    const middle = Math.floor((first + next) / 2);
    assert.deepEqual(
      ring.readRequests(signal, middle, bounds).map(plain),
      model.readRequests(signal, middle, bounds).map(plain),
    );
    assert.equal(ring.read(signal, first - 1), undefined);
    assert.equal(ring.read(signal, next), undefined);
    held.set(signal, stats.items);
  }
  assert.ok(bytes <= maxBytes, `${bytes} bytes are held`);
  for (const signal of signals) {
    const counted = [...allServices(ring).values()].reduce((sum, counts) => sum + counts[signal], 0);
    assert.equal(counted, held.get(signal));
  }
}

/** `deepEqual` tells a Buffer from a Uint8Array; the port promises bytes. */
function plain<T extends object>(item: T | undefined): T | undefined {
  return (
    item &&
    (Object.fromEntries(
      Object.entries(item).map(([key, value]) => [
        key,
        value instanceof Uint8Array ? new Uint8Array(value) : value,
      ]),
    ) as T)
  );
}

describe("the ring buffer, whatever is done to it,", () => {
  test("the ring buffer holds what a model holds, or the newest part of it, within its bounds", () => {
    fc.assert(
      fc.property(limits, fc.array(step, { minLength: 1, maxLength: 40 }), (bounds, steps) => {
        const ring = new RingStore({ ...bounds, maxRequestBytes: 1 << 20 });
        const model = new FakeStore({ ...bounds, maxBytes: Number.MAX_SAFE_INTEGER });
        const clearedItems = { traces: 0, logs: 0, metrics: 0, profiles: 0 };
        for (const step of steps) {
          takeStep(step, ring, model, clearedItems);
          assertAgree(ring, model, bounds, clearedItems);
        }
      }),
      { numRuns: 200, interruptAfterTimeLimit: 20_000 },
    );
  });
});
