import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RingStore } from "../../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { ObsvtyError } from "../../../../../src/domain/errors.ts";
import { type Signal, signals } from "../../../../../src/domain/signal.ts";
import { decodeSpan } from "../../../../../src/otlp/decode/decode-item.ts";
import type { TelemetryStore } from "../../../../../src/ports/telemetry-store.ts";
import { appendBytes, keep, logsOf, spanNames, spansOf } from "../../../../contract/store-requests.ts";
import { findAll } from "../../../../support/whole-answers.ts";
import { lengthDelimited, traceRequest, validSpanFields } from "../../../../support/wire.ts";

const slabBytes = 4096;

/** 16 slabs of 4 KiB, which is the smallest buffer that can be set. */
function smallStore({ maxItems = 100_000, maxRequestBytes = 1 << 20 } = {}): RingStore {
  return new RingStore({ maxItems, maxBytes: 16 * slabBytes, maxRequestBytes });
}

/** A request with one span that is this many bytes long as a whole. */
function spanOfSize(byteLength: number, name = "padded"): Uint8Array {
  for (let padding = byteLength - 200; padding < byteLength; padding++) {
    const span = Buffer.concat([
      validSpanFields,
      lengthDelimited(5, Buffer.from(name)),
      lengthDelimited(100, Buffer.alloc(Math.max(0, padding), 0x78)),
    ]);
    const request = traceRequest(span);
    if (request.byteLength === byteLength) return request;
  }
  throw new Error(`no request of ${byteLength} bytes`);
}

/** The same as log records: field 2 of ResourceLogs and ScopeLogs, with an unknown field. */
function logOfSize(byteLength: number): Uint8Array {
  for (let padding = byteLength - 60; padding < byteLength; padding++) {
    const log = lengthDelimited(100, Buffer.alloc(padding, 0x78));
    const request = lengthDelimited(1, lengthDelimited(2, lengthDelimited(2, log)));
    if (request.byteLength === byteLength) return request;
  }
  throw new Error(`no request of ${byteLength} bytes`);
}

function heldBytes(store: TelemetryStore): number {
  return signals.reduce((sum, signal) => sum + store.stats(signal).bytes, 0);
}

describe("the ring buffer's bytes", () => {
  test("the ring buffer's bytes are those of the requests that its items came in", () => {
    const store = smallStore();
    appendBytes(store, "traces", spanOfSize(500));
    appendBytes(store, "traces", spanOfSize(700));
    appendBytes(store, "logs", logOfSize(300));
    assert.deepEqual(
      signals.map((signal) => store.stats(signal).bytes),
      [1200, 300, 0, 0],
    );
  });

  test("the ring buffer's bytes lose those of evicted items before their slab is free", () => {
    const store = smallStore({ maxItems: 2 });
    for (const size of [500, 600, 700]) appendBytes(store, "traces", spanOfSize(size));
    assert.deepEqual(store.stats("traces"), { items: 2, bytes: 1300, evicted: 1 });
  });

  test("the ring buffer's bytes count nothing for a request of which no item was accepted", () => {
    const store = smallStore();
    assert.equal(
      appendBytes(store, "traces", traceRequest(lengthDelimited(5, Buffer.alloc(900)))).kind,
      "kept",
    );
    assert.deepEqual(store.stats("traces"), { items: 0, bytes: 0, evicted: 0 });
  });

  test("a clear frees all of the ring buffer's bytes", () => {
    const store = smallStore();
    for (let i = 0; i < 5; i++) {
      for (let slab = 0; slab < 16; slab++) appendBytes(store, "traces", spanOfSize(slabBytes));
      assert.deepEqual(store.stats("traces"), { items: 16, bytes: 16 * slabBytes, evicted: 0 });
      assert.equal(store.clear(), 16);
      assert.equal(heldBytes(store), 0);
    }
  });
});

describe("the ring buffer gives way", () => {
  test("the ring buffer evicts the slab that was begun first, of whatever signal", () => {
    const store = smallStore();
    const order: Signal[] = [];
    for (let i = 0; i < 16; i++) {
      const signal = i % 3 === 0 ? "logs" : "traces";
      order.push(signal);
      appendBytes(store, signal, signal === "logs" ? logOfSize(slabBytes) : spanOfSize(slabBytes));
    }
    const held = { traces: 10, logs: 6 };
    for (const oldest of order) {
      // A new slab each time, at the cost of the oldest.
      appendBytes(store, "traces", spanOfSize(slabBytes, "new"));
      held[oldest as "traces" | "logs"]--;
      held.traces++;
      assert.deepEqual([store.stats("traces").items, store.stats("logs").items], [held.traces, held.logs]);
      assert.equal(heldBytes(store), 16 * slabBytes);
    }
    assert.equal(store.stats("logs").evicted, 6);
  });

  test("the ring buffer evicts as many neighbouring slabs as a large request needs", () => {
    const store = smallStore();
    for (let i = 0; i < 16; i++) appendBytes(store, "traces", spanOfSize(slabBytes, `s${i}`));
    const large = spanOfSize(3 * slabBytes, "large");
    appendBytes(store, "traces", large);
    assert.equal(store.stats("traces").evicted, 3);
    const { first, next } = store.range("traces");
    assert.deepEqual([first, next], [3, 17]);
    assert.equal(decodeSpan(store.read("traces", 3)!).name, "s3");
    assert.equal(decodeSpan(store.read("traces", 16)!).name, "large");
    assert.deepEqual(store.stats("traces").bytes, 16 * slabBytes);
  });

  for (const part of [0.3, 0.55, 0.7, 1.1, 2.2]) {
    test(`the ring buffer uses most of its memory for requests of ${part} of a slab`, () => {
      const store = smallStore({ maxItems: 200 });
      const size = Math.round(part * slabBytes);
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 200; i++) {
        appendBytes(store, "traces", spanOfSize(size, `s${i}`));
        if (store.stats("traces").evicted > 0) least = Math.min(least, heldBytes(store));
        const { first, next } = store.range("traces");
        assert.equal(decodeSpan(store.read("traces", first)!).name, `s${first}`);
        assert.equal(decodeSpan(store.read("traces", next - 1)!).name, `s${i}`);
      }
      // Of 16 slabs up to 4 give way together.
      assert.ok(least >= 0.6 * 16 * slabBytes, `${least} of ${16 * slabBytes}`);
      assert.ok(heldBytes(store) <= 16 * slabBytes);
    });
  }

  test("the ring buffer evicts nothing for a request that it refuses, however full it is", () => {
    const store = smallStore();
    for (let i = 0; i < 16; i++) appendBytes(store, "traces", spanOfSize(slabBytes, `s${i}`));
    const before = signals.map((signal) => [store.range(signal), store.stats(signal)]);
    const names = () => Array.from({ length: 16 }, (_, i) => decodeSpan(store.read("traces", i)!).name);
    const namesBefore = names();
    for (const size of [10, slabBytes, 5 * slabBytes, 20 * slabBytes]) {
      for (const signal of signals) {
        const malformed = Buffer.concat([Buffer.alloc(size - 10, 0x7a), Buffer.alloc(10, 0xff)]);
        assert.equal(appendBytes(store, signal, malformed).kind, "refused");
      }
      const endsBadly = Buffer.concat([spanOfSize(Math.max(size, 300)), Uint8Array.of(0x0a)]);
      assert.equal(appendBytes(store, "traces", endsBadly).kind, "refused");
    }
    assert.deepEqual(
      signals.map((signal) => [store.range(signal), store.stats(signal)]),
      before,
    );
    assert.deepEqual(names(), namesBefore);
  });

  test("for a request larger than itself the ring buffer evicts all that it holds of the signal, and accepts and forgets the request", () => {
    const store = smallStore();
    appendBytes(store, "traces", spanOfSize(500));
    appendBytes(store, "logs", logOfSize(500));
    const outcome = appendBytes(store, "traces", spanOfSize(17 * slabBytes));
    assert.deepEqual(outcome, {
      kind: "kept",
      accepted: 1,
      rejected: 0,
      rejections: [],
      firstOrdinal: 1,
    });
    assert.deepEqual(store.range("traces"), { first: 2, next: 2 });
    assert.deepEqual(store.stats("traces"), { items: 0, bytes: 0, evicted: 2 });
    // The other signals had nothing to do with it.
    assert.deepEqual(store.stats("logs"), { items: 1, bytes: 500, evicted: 0 });
  });
});

describe("the ring buffer", () => {
  for (const chunked of [false, true]) {
    test(`the ring buffer refuses what is larger than a request may be and touches nothing${chunked ? ", in chunks" : ""}`, () => {
      // A JSON request within the limit may be larger in protobuf; it once ran over the index rows.
      const store = smallStore({ maxRequestBytes: slabBytes, maxItems: 20 });
      for (let i = 0; i < 16; i++) appendBytes(store, "traces", spanOfSize(slabBytes, `s${i}`));
      const tooLarge = spanOfSize(4 * slabBytes);
      const chunks = chunked ? [tooLarge.subarray(0, 1000), tooLarge.subarray(1000)] : [tooLarge];
      const outcome = appendBytes(store, "logs", ...chunks);
      assert.ok(outcome.kind === "refused" && outcome.error instanceof ObsvtyError);
      assert.equal(outcome.error.code, "too-large");
      assert.equal(outcome.error.message, "received message larger than max (16384 vs. 4096)");
      assert.equal(store.stats("traces").items, 16);
      for (let i = 0; i < 16; i++) assert.equal(decodeSpan(store.read("traces", i)!).name, `s${i}`);
    });
  }

  test("the ring buffer keeps a request of which more items are rejected than accepted", () => {
    const store = smallStore();
    const bytes = traceRequest(lengthDelimited(5), validSpanFields, lengthDelimited(5), lengthDelimited(5));
    const outcome = appendBytes(store, "traces", bytes);
    assert.deepEqual([outcome.kind, store.stats("traces").items], ["kept", 1]);
    assert.equal(decodeSpan(store.read("traces", 0)!).spanId, "eee19b7ec3c1b174");
  });

  test("the ring buffer keeps the newest of more items than it may hold when the last of them is rejected", () => {
    // The rejected one once took the place of the oldest that was to stay.
    const span = (name: string) => Buffer.concat([validSpanFields, lengthDelimited(5, Buffer.from(name))]);
    for (const maxItems of [1, 2, 3]) {
      const store = smallStore({ maxItems });
      const bytes = traceRequest(span("a"), span("b"), span("c"), lengthDelimited(5));
      assert.equal(appendBytes(store, "traces", bytes).kind, "kept");
      assert.deepEqual(spanNames(store), ["a", "b", "c"].slice(-maxItems));
    }
  });

  test("the ring buffer knows the rows of each signal when they wrap at different times", () => {
    const store = smallStore({ maxItems: 7 });
    for (let i = 0; i < 40; i++) {
      keep(store, "traces", spansOf(1 + (i % 3), { seed: i + 1, serviceName: `t${i}` }));
      if (i % 2 === 0) keep(store, "logs", logsOf(1 + (i % 5), { seed: i + 1, serviceName: `l${i}` }));
      for (const signal of ["traces", "logs"] as const) {
        const { first, next } = store.range(signal);
        assert.ok(next - first <= 7);
        const window = { from: 0, to: next, order: "newest", limit: 100 } as const;
        const all = findAll(store, signal, {}, window);
        assert.deepEqual(
          all,
          Array.from({ length: next - first }, (_, k) => first + k),
        );
      }
      const { next } = store.range("traces");
      const window = { from: 0, to: next, order: "oldest", limit: 100 } as const;
      const newest = findAll(store, "traces", { service: `t${i}` }, window);
      assert.equal(newest.length, 1 + (i % 3));
      assert.equal(newest.at(-1), next - 1);
    }
  });

  test("the ring buffer reads a resource or a scope that came in pieces as one, as protobuf merges them", () => {
    const attribute = (key: string, value: string) =>
      lengthDelimited(
        1,
        lengthDelimited(1, Buffer.from(key)),
        lengthDelimited(2, lengthDelimited(1, Buffer.from(value))),
      );
    const bytes = lengthDelimited(
      1,
      lengthDelimited(1, attribute("service.name", "shop")),
      lengthDelimited(
        2,
        lengthDelimited(1, lengthDelimited(1, Buffer.from("http"))),
        lengthDelimited(2, validSpanFields),
        lengthDelimited(1, lengthDelimited(2, Buffer.from("1.0"))),
      ),
      lengthDelimited(1, attribute("host.name", "web-1")),
    );
    const store = smallStore();
    appendBytes(store, "traces", bytes);
    const span = decodeSpan(store.read("traces", 0)!);
    assert.deepEqual(span.resource, { "service.name": "shop", "host.name": "web-1" });
    assert.deepEqual([span.scope.name, span.scope.version], ["http", "1.0"]);
  });
});

describe("the index of the ring buffer", () => {
  test("the index of the ring buffer grows when it is full, also in the middle of a turn of the ring", () => {
    const store = new RingStore({ maxItems: 5_000, maxBytes: 1 << 20, maxRequestBytes: 1 << 20 });
    let sent = 0;
    const send = (count: number, byteLength: number) => {
      for (let i = 0; i < count; i++) appendBytes(store, "traces", spanOfSize(byteLength, `span ${sent++}`));
    };
    const assertNewest = () => {
      const { first, next } = store.range("traces");
      assert.equal(next, sent);
      const names = Array.from({ length: next - first }, (_, i) => `span ${first + i}`);
      assert.deepEqual(spanNames(store), names);
      const newest = { from: 0, to: next, order: "newest", limit: 1 } as const;
      assert.deepEqual(findAll(store, "traces", { name: `span ${first}` }, newest), [first]);
      return next - first;
    };
    // Large ones: no more than the ring begins with are ever held, and the oldest make way as it turns.
    send(1_500, 1_500);
    assert.ok(assertNewest() < 1_024);
    // Small ones: more are held than the ring had rows for.
    send(3_000, 250);
    assert.ok(assertNewest() > 2_000);
  });
});

describe("a request of many items", () => {
  const emptyLogs = (count: number) =>
    lengthDelimited(1, lengthDelimited(2, Buffer.alloc(2 * count, Uint8Array.of(0x12, 0))));

  test("a request of 262,144 items is kept, and one of more is refused as too large", () => {
    const store = new RingStore({ maxItems: 1_000, maxBytes: 4 << 20, maxRequestBytes: 1 << 20 });
    appendBytes(store, "logs", logOfSize(100));
    const refused = appendBytes(store, "logs", emptyLogs(262_145));
    assert.ok(refused.kind === "refused");
    assert.equal(refused.error.code, "too-large");
    assert.equal(refused.error.message, "the request has 262145 items, and at most 262144 are taken at once");
    assert.deepEqual(store.range("logs"), { first: 0, next: 1 });
    const kept = appendBytes(store, "logs", emptyLogs(262_144));
    assert.ok(kept.kind === "kept");
    assert.deepEqual([kept.accepted, kept.firstOrdinal], [262_144, 1]);
    assert.deepEqual(store.range("logs"), { first: 261_145, next: 262_145 });
  });

  test("appending a long request takes a step for each quarter of a megabyte, and keeps nothing before the last", () => {
    const store = new RingStore({ maxItems: 1_000, maxBytes: 16 << 20, maxRequestBytes: 4 << 20 });
    const bytes = emptyLogs(2_000_000);
    const steps = store.appendInSteps("traces", [bytes], bytes.byteLength);
    let taken = 1;
    for (; steps.next().done !== true; taken++)
      assert.deepEqual(store.range("traces"), { first: 0, next: 0 });
    // The last one keeps it, or does not.
    assert.equal(taken, 16 + 1);
  });

  test("a long request cannot be appended while another one is", () => {
    const store = smallStore();
    const bytes = emptyLogs(262_145);
    store.appendInSteps("logs", [bytes], bytes.byteLength).next();
    const second = store.appendInSteps("logs", [bytes], bytes.byteLength);
    assert.throws(() => second.next(), /a long request is appended already/);
  });
});

test("requests that lie in several slabs of the ring buffer are copied into one memory", () => {
  const store = smallStore();
  const bodies = Array.from({ length: 9 }, (_, i) => spanOfSize(1_000 + 10 * i));
  for (const body of bodies) appendBytes(store, "traces", body);
  const asked: number[] = [];
  const allocate = (byteLength: number) => {
    asked.push(byteLength);
    return new Uint8Array(byteLength);
  };
  const bounds = { maxBytes: Number.POSITIVE_INFINITY, maxRequests: 100, allocate };
  const requests = store.readRequests("traces", 0, bounds);
  assert.deepEqual(
    requests.map(({ bytes }) => Buffer.from(bytes)),
    bodies.map((body) => Buffer.from(body)),
  );
  assert.deepEqual(asked, [Buffer.concat(bodies).byteLength]);
});
