import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, fromBinary } from "@bufbuild/protobuf";
import type { AcceptedRequest } from "../../src/domain/accepted-request.ts";
import { signals } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { fixed64, lengthDelimited, validSpanFields, varintField } from "../support/wire.ts";
import { appendBytes, encode, keep, requestOf, spansOf, spansWith } from "./store-requests.ts";
import type { MakeStore, StoreLimits } from "./telemetry-store.contract.ts";

const all = { maxBytes: 2 ** 30, maxRequests: 1_000 };
const traceId = new Uint8Array(3);

/** The part of the contract about whole requests. */
export function describeRequests(makeStore: MakeStore, roomy: StoreLimits): void {
  describe("readRequests", () => {
    it("readRequests gives the requests of every signal as they were sent, with their ordinals", () => {
      const store = makeStore(roomy);
      for (const signal of signals) {
        const bodies = [3, 1, 7].map((count, i) => encode(signal, requestOf(signal, count, { seed: i + 1 })));
        for (const body of bodies) appendBytes(store, signal, body.subarray(0, 9), body.subarray(9));
        const requests = store.readRequests(signal, 0, all);
        assertSame(requests, [
          [0, 3, bodies[0]],
          [3, 1, bodies[1]],
          [4, 7, bodies[2]],
        ]);
      }
    });

    it("readRequests gives what was appended, however oddly it is encoded", () => {
      const store = makeStore(roomy);
      // A length in two bytes that would fit one, unknown fields, and empty messages.
      const span = lengthDelimited(2, validSpanFields, varintField(99, 1));
      const odd = Buffer.concat([
        lengthDelimited(77, Buffer.from("x")),
        lengthDelimited(1),
        Uint8Array.of(0x0a, 0x80 + 3 + span.byteLength, 0, 0x12, 0x80 + span.byteLength, 0),
        span,
        lengthDelimited(1),
      ]);
      appendBytes(store, "traces", odd);
      assertSame(store.readRequests("traces", 0, all), [[0, 1, odd]]);
    });

    it("readRequests begins at the request that holds the ordinal, and has none beyond what is held", () => {
      const store = makeStore(roomy);
      for (let i = 0; i < 4; i++) keep(store, "traces", spansOf(2, { seed: i + 1 }));
      const from = (ordinal: number) => ordinalsOf(store.readRequests("traces", ordinal, all));
      assert.deepEqual(from(0), [0, 2, 4, 6]);
      assert.deepEqual(from(4), [4, 6]);
      assert.deepEqual(from(8), []);
      assert.deepEqual(from(1_000), []);
      assert.deepEqual(store.readRequests("logs", 0, all), []);
    });

    it("readRequests ends at the bounds, and gives at least one request", () => {
      const store = makeStore(roomy);
      const body = encode("logs", requestOf("logs", 2));
      for (let i = 0; i < 5; i++) appendBytes(store, "logs", body);
      const taken = (maxBytes: number, maxRequests: number) =>
        store.readRequests("logs", 0, { maxBytes, maxRequests }).length;
      assert.equal(taken(1_000_000, 3), 3);
      assert.equal(taken(body.byteLength * 3, 100), 3);
      assert.equal(taken(body.byteLength * 3 - 1, 100), 2);
      assert.equal(taken(1, 100), 1);
    });

    it("readRequests leaves out the rejected items and mends the lengths around them", () => {
      const store = makeStore(roomy);
      const good = { name: "good" };
      const request = spansWith(good, { traceId }, good, { name: "x".repeat(200), traceId });
      keep(store, "traces", request);
      const scope = request.resourceSpans[0]!.scopeSpans[0]!;
      scope.spans = scope.spans.filter(({ traceId }) => traceId.byteLength === 16);
      assertSame(store.readRequests("traces", 0, all), [[0, 2, encode("traces", request)]]);
    });

    it("readRequests keeps the messages that are left without items, unknown fields and all else", () => {
      const store = makeStore(roomy);
      const good = lengthDelimited(2, validSpanFields);
      const bad = lengthDelimited(2, lengthDelimited(1, Uint8Array.of(1, 2)));
      const scope = lengthDelimited(1, lengthDelimited(1, Buffer.from("scope")));
      const unknown = lengthDelimited(500, Buffer.alloc(150, 1));
      const request = (...spans: Uint8Array[]) =>
        Buffer.concat([
          lengthDelimited(1, lengthDelimited(2, scope, ...spans.slice(0, 2), unknown)),
          unknown,
          lengthDelimited(1, lengthDelimited(2, scope, ...spans.slice(2)), lengthDelimited(2, unknown)),
        ]);
      appendBytes(store, "traces", request(bad, bad, good, bad, good));
      const none = new Uint8Array();
      assertSame(store.readRequests("traces", 0, all), [[0, 2, request(none, none, good, none, good)]]);
    });

    it("readRequests leaves out rejected data points of any metric, and no metric", () => {
      const store = makeStore(roomy);
      const time = fixed64(3, 1n);
      const point = (...fields: Uint8Array[]) => lengthDelimited(1, ...fields);
      const request = (isCut: boolean) => {
        const bad = (...fields: Uint8Array[]) => (isCut ? new Uint8Array() : point(...fields));
        const gauge = [point(time, fixed64(4, 0n)), bad(time), point(time, fixed64(6, 7n)), bad()];
        const histogram = [point(time), bad(time, fixed64(7, 1n)), bad(time, fixed64(6, 1n), fixed64(6, 1n))];
        const metric = (field: number, ...points: Uint8Array[]) =>
          lengthDelimited(2, lengthDelimited(1, Buffer.from(`m${field}`)), lengthDelimited(field, ...points));
        return lengthDelimited(
          1,
          lengthDelimited(
            2,
            metric(5, ...gauge),
            metric(9, ...histogram, varintField(2, 1)),
            metric(11, bad()),
          ),
        );
      };
      appendBytes(store, "metrics", request(false));
      assertSame(store.readRequests("metrics", 0, all), [[0, 3, request(true)]]);
    });

    it("readRequests keeps the data points that another member of the oneof replaces, which are no items", () => {
      const store = makeStore(roomy);
      const [time, value] = [fixed64(3, 1n), fixed64(6, 1n)];
      const bad = lengthDelimited(1, time);
      const point = lengthDelimited(1, time, value);
      const replaced = lengthDelimited(5, point, bad);
      const request = (...rest: Uint8Array[]) =>
        lengthDelimited(
          1,
          lengthDelimited(2, lengthDelimited(2, replaced, lengthDelimited(7, point, ...rest))),
        );
      appendBytes(store, "metrics", request(bad, point));
      assertSame(store.readRequests("metrics", 0, all), [[0, 2, request(point)]]);
    });

    it("readRequests gives nothing of a request without accepted items", () => {
      const store = makeStore(roomy);
      keep(store, "traces", spansWith({ traceId }));
      keep(store, "traces", create(requestSchemas.traces));
      const body = encode("traces", spansOf(1));
      appendBytes(store, "traces", body);
      assertSame(store.readRequests("traces", 0, all), [[0, 1, body]]);
    });

    it("readRequests gives of a request that is begun or held in part the items that are left", () => {
      const store = makeStore({ ...roomy, maxItems: 5 });
      keep(store, "traces", spansOf(4));
      keep(store, "traces", spansOf(3));
      const names = (from: number) =>
        store.readRequests("traces", from, all).map(({ firstOrdinal, items, bytes }) => {
          assert.equal(namesIn(bytes).length, items);
          return [firstOrdinal, ...namesIn(bytes)];
        });
      assert.deepEqual(names(0), [
        [2, "span 2", "span 3"],
        [4, "span 0", "span 1", "span 2"],
      ]);
      assert.deepEqual(names(3), [
        [3, "span 3"],
        [4, "span 0", "span 1", "span 2"],
      ]);
      assert.deepEqual(names(5), [[5, "span 1", "span 2"]]);
    });

    it("readRequests gives of a request that has more items than are held the newest, without the rejected", () => {
      const store = makeStore({ ...roomy, maxItems: 2 });
      const named = (name: string, bad = false) => ({ name, ...(bad && { traceId }) });
      keep(store, "traces", spansWith(named("a"), named("b"), named("bad", true), named("c")));
      const [request] = store.readRequests("traces", 0, all);
      assert.deepEqual([request!.firstOrdinal, request!.items, namesIn(request!.bytes)], [1, 2, ["b", "c"]]);
    });

    it("readRequests leaves out of a part the resources, scopes and metrics without items in it", () => {
      const store = makeStore({ ...roomy, maxItems: 2 });
      const span = lengthDelimited(2, validSpanFields);
      const scope = (name: string, ...spans: Uint8Array[]) =>
        lengthDelimited(2, lengthDelimited(1, lengthDelimited(1, Buffer.from(name))), ...spans);
      const unknown = lengthDelimited(99, Buffer.from("stays"));
      const resource = (...scopes: Uint8Array[]) => lengthDelimited(1, ...scopes, unknown);
      const [first, last] = [scope("c", span), resource(scope("d", span))];
      appendBytes(
        store,
        "traces",
        Buffer.concat([
          resource(scope("a", span)),
          unknown,
          resource(scope("b", span), first, scope("empty")),
          last,
          resource(),
        ]),
      );
      assertSame(store.readRequests("traces", 0, all), [
        [2, 2, Buffer.concat([unknown, resource(first), last])],
      ]);
    });

    it("readRequests gives a request that is too long in parts, one a call", () => {
      const store = makeStore({ maxItems: 1_000, maxBytes: 2 ** 24 });
      for (const signal of signals) {
        const whole = encode(signal, requestOf(signal, 200));
        const small = encode(signal, requestOf(signal, 1));
        for (const body of [small, whole, small]) appendBytes(store, signal, body);
        const maxRequestBytes = Math.ceil(whole.byteLength / 3);
        const parts: AcceptedRequest[] = [];
        for (let from = 0; from < 202; ) {
          const [part, ...more] = store.readRequests(signal, from, { ...all, maxRequestBytes });
          assert.ok(part!.firstOrdinal === from && part!.bytes.byteLength <= maxRequestBytes);
          parts.push(part!, ...more);
          from = parts.at(-1)!.firstOrdinal + parts.at(-1)!.items;
        }
        assert.ok(parts.length < 10, `${parts.length} parts`);
        const merged = makeStore(roomy);
        for (const { bytes } of parts) appendBytes(merged, signal, bytes);
        for (let ordinal = 0; ordinal < 202; ordinal++) {
          assert.deepEqual(merged.read(signal, ordinal), store.read(signal, ordinal));
        }
      }
    });

    it("readRequests splits a request of more items than it may have", () => {
      const store = makeStore(roomy);
      const body = encode("traces", spansOf(7));
      appendBytes(store, "traces", encode("traces", spansOf(2)));
      appendBytes(store, "traces", body);
      const read = (from: number, maxRequestItems: number) =>
        store
          .readRequests("traces", from, { ...all, maxRequestItems })
          .map(({ firstOrdinal, items }) => [firstOrdinal, items]);
      assert.deepEqual(read(0, 4), [
        [0, 2],
        [2, 4],
      ]);
      assert.deepEqual(read(6, 4), [[6, 3]]);
      assert.deepEqual(read(3, 2), [[3, 2]]);
      assertSame(store.readRequests("traces", 2, { ...all, maxRequestItems: 7 }), [[2, 7, body]]);
      const parts = [2, 6].flatMap((from) =>
        store.readRequests("traces", from, { ...all, maxRequestItems: 4 }),
      );
      const merged = makeStore(roomy);
      for (const { bytes } of parts) appendBytes(merged, "traces", bytes);
      for (let i = 0; i < 7; i++) {
        assert.deepEqual(merged.read("traces", i)!.item, store.read("traces", 2 + i)!.item);
      }
    });

    it("readRequests gives at least one item of a request, however long it is", () => {
      const store = makeStore(roomy);
      keep(store, "traces", spansOf(2));
      const bounds = { ...all, maxRequestBytes: 1 };
      assert.deepEqual(
        [0, 1].map((from) => store.readRequests("traces", from, bounds).map(({ items }) => items)),
        [[1], [1]],
      );
    });

    it("readRequests gives copies that survive eviction and clearing", () => {
      const store = makeStore({ ...roomy, maxItems: 4 });
      const body = encode("traces", spansOf(4));
      appendBytes(store, "traces", body);
      const requests = store.readRequests("traces", 0, all);
      for (let i = 0; i < 50; i++) keep(store, "traces", spansOf(4, { seed: i + 2 }));
      store.clear();
      assertSame(requests, [[0, 4, body]]);
      assert.deepEqual(store.readRequests("traces", 0, all), []);
    });

    it("readRequests copies whole requests into the memory that it is given", () => {
      const store = makeStore(roomy);
      const bodies = [1, 2, 3].map((count) => encode("traces", spansOf(count, { seed: count })));
      for (const body of bodies) appendBytes(store, "traces", body);
      const memory = Buffer.alloc(100_000, 0xff);
      let used = 0;
      const allocate = (byteLength: number) => {
        used += byteLength;
        return memory.subarray(used - byteLength, used);
      };
      const requests = store.readRequests("traces", 0, { ...all, allocate });
      assertSame(requests, [
        [0, 1, bodies[0]!],
        [1, 2, bodies[1]!],
        [3, 3, bodies[2]!],
      ]);
      assert.ok(requests.every(({ bytes }) => bytes.buffer === memory.buffer));
      assert.equal(used, Buffer.concat(bodies).byteLength);
    });

    it("readRequests goes over all that is held, however it lies in the memory", () => {
      const store = makeStore({ maxItems: 10_000, maxBytes: 512 * 1024 });
      const bodies = new Map<number, Uint8Array>();
      for (let i = 0; i < 400; i++) {
        const resource = { padding: "x".repeat((i * 997) % 9_000) };
        const body = encode("traces", spansOf(1 + (i % 7), { seed: i + 1, resource }));
        const outcome = appendBytes(store, "traces", body);
        bodies.set(outcome.kind === "kept" ? outcome.firstOrdinal : -1, body);
      }
      const { first, next } = store.range("traces");
      let from = first;
      while (from < next) {
        const requests = store.readRequests("traces", from, { maxBytes: 20_000, maxRequests: 3 });
        assert.ok(requests.length > 0);
        for (const { firstOrdinal, items, bytes } of requests) {
          assert.equal(firstOrdinal, from);
          // The oldest may be held in part.
          if (from > first) assertBytes(bytes, bodies.get(from)!);
          from += items;
        }
      }
      assert.equal(from, next);
    });
  });

  describe("bytesFrom", () => {
    it("bytesFrom is what the requests from there on take", () => {
      const store = makeStore(roomy);
      const bodies = [2, 3, 1].map((count) => encode("traces", spansOf(count)));
      for (const body of bodies) appendBytes(store, "traces", body);
      const sum = (from: number) => bodies.slice(from).reduce((sum, { byteLength }) => sum + byteLength, 0);
      assert.deepEqual(
        [0, 1, 2, 4, 5, 6, 100].map((from) => store.bytesFrom("traces", from)),
        [sum(0), sum(0), sum(1), sum(1), sum(2), 0, 0],
      );
      assert.equal(store.stats("traces").bytes, sum(0));
    });

    it("bytesFrom counts no more than is held", () => {
      const store = makeStore({ ...roomy, maxItems: 3 });
      for (let i = 0; i < 5; i++) keep(store, "logs", requestOf("logs", 2));
      assert.equal(store.bytesFrom("logs", 0), store.stats("logs").bytes);
      store.clear();
      assert.equal(store.bytesFrom("logs", 0), 0);
    });
  });
}

function ordinalsOf(requests: readonly AcceptedRequest[]): number[] {
  return requests.map(({ firstOrdinal }) => firstOrdinal);
}

function assertSame(
  requests: readonly AcceptedRequest[],
  expected: readonly (readonly [firstOrdinal: number, items: number, bytes: Uint8Array | undefined])[],
): void {
  assert.deepEqual(
    requests.map(({ firstOrdinal, items }) => [firstOrdinal, items]),
    expected.map(([firstOrdinal, items]) => [firstOrdinal, items]),
  );
  for (const [i, { bytes }] of requests.entries()) assertBytes(bytes, expected[i]![2]!);
}

function assertBytes(actual: Uint8Array, expected: Uint8Array): void {
  assert.equal(Buffer.from(actual).toString("hex"), Buffer.from(expected).toString("hex"));
}

function namesIn(bytes: Uint8Array): string[] {
  return fromBinary(requestSchemas.traces, bytes).resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
  );
}
