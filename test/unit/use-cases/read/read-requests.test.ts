import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { InstrumentationScopeSchema } from "../../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import { RingStore } from "../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { type ItemKind, itemSignals } from "../../../../src/domain/item-kind.ts";
import { type Signal, signals } from "../../../../src/domain/signal.ts";
import { writeJsonRequest } from "../../../../src/otlp/json/write-request.ts";
import type { RequestsBatch } from "../../../../src/use-cases/read/read-requests.ts";
import {
  type AnyRequest,
  encode,
  keep,
  logsOf,
  metricsOf,
  requestOf,
  resourceOf,
  spansOf,
  spansWith,
} from "../../../contract/store-requests.ts";
import { buildReader, range, withTag } from "../../../support/reader.ts";
import { refusal } from "../../../support/refusal.ts";
import { turnsOfCalls } from "../../../support/turns-of-calls.ts";

async function all(batches: AsyncIterable<RequestsBatch>) {
  const collected: RequestsBatch[] = [];
  for await (const batch of batches) collected.push(batch);
  const sum = (figure: (batch: RequestsBatch) => number) =>
    collected.reduce((total, batch) => total + figure(batch), 0);
  return {
    requests: collected.flatMap(({ requests }) => requests),
    items: sum(({ items }) => items),
    missed: sum(({ missed }) => missed),
    cursor: collected.at(-1)!.cursor,
    batches: collected.length,
  };
}

const hexOf = (requests: readonly Uint8Array[]) =>
  requests.map((bytes) => Buffer.from(bytes).toString("hex"));
const namesIn = (signal: Signal, requests: readonly Uint8Array[]) =>
  requests.flatMap((bytes) =>
    [...writeJsonRequest(signal, bytes).matchAll(/"name":"((?:span|metric)[^"]*)"/g)].map(([, name]) => name),
  );

describe("reading requests", () => {
  for (const signal of signals) {
    test(`reading requests gives those of ${signal} as they were accepted, the oldest first`, async () => {
      const { wholeReader, send } = buildReader();
      const sent = [3, 1, 4].map((count, i) => requestOf(signal, count, { seed: i + 1 }));
      for (const request of sent) send(signal, request);
      const read = await all(wholeReader.requestsOf(signal, {}));
      assert.deepEqual(hexOf(read.requests), hexOf(sent.map((request) => encode(signal, request))));
      assert.deepEqual([read.items, read.missed], [8, 0]);
    });
  }

  test("reading requests after a cursor gives those that arrived later, and an empty batch when there are none", async () => {
    const { wholeReader, send } = buildReader();
    send("traces", spansOf(3));
    const { cursor } = await all(wholeReader.requestsOf("traces", {}));
    assert.deepEqual((await all(wholeReader.requestsOf("traces", { after: cursor }))).requests, []);
    send("traces", spansOf(2, { seed: 2 }));
    const later = await all(wholeReader.requests("spans", { after: cursor }));
    assert.deepEqual(hexOf(later.requests), hexOf([encode("traces", spansOf(2, { seed: 2 }))]));
  });

  test("readings of requests that are begun together have a turn of the event loop each", async () => {
    const { wholeReader, send, store } = buildReader();
    send("traces", spansOf(3));
    const readRequests = store.readRequests.bind(store);
    const turns = turnsOfCalls();
    store.readRequests = (...wanted) => {
      turns.note();
      return readRequests(...wanted);
    };
    await Promise.all([1, 2, 3].map(() => all(wholeReader.requestsOf("traces", {}))));
    assert.equal(turns.end(), 3);
  });

  test("reading requests ends with what was held when it began", async () => {
    const { wholeReader, send } = buildReader({ maxItems: 100_000 });
    for (let seed = 1; seed <= 50; seed++) send("traces", spansOf(100, { seed }));
    let batches = 0;
    let items = 0;
    for await (const batch of wholeReader.requestsOf("traces", {})) {
      batches += 1;
      items += batch.items;
      send("traces", spansOf(1));
    }
    assert.equal(items, 5_000);
    assert.ok(batches > 3, `${batches} batches`);
  });

  test("reading requests counts items that are evicted meanwhile, and those before its cursor's next", async () => {
    const { wholeReader, send } = buildReader({ maxItems: 3_000 });
    send("traces", spansOf(10));
    const after = wholeReader.itemCursor("traces", 1);
    for (let seed = 1; seed <= 30; seed++) send("traces", spansOf(100, { seed }));
    const read = wholeReader.requestsOf("traces", { after })[Symbol.asyncIterator]();
    const { value: first } = await read.next();
    assert.equal(first.missed, 8);
    for (let seed = 31; seed <= 60; seed++) send("traces", spansOf(100, { seed }));
    const rest: RequestsBatch[] = [];
    for (let next = await read.next(); next.done !== true; next = await read.next()) rest.push(next.value);
    const missed = rest.reduce((sum, batch) => sum + batch.missed, 0);
    const items = rest.reduce((sum, batch) => sum + batch.items, first.items);
    assert.equal(missed + items, 3_000);
    assert.ok(missed > 0);
  });

  test("reading requests with a filter makes requests of the items that match, with their resource and scope", async () => {
    const { wholeReader, send } = buildReader();
    send("traces", spansWith(...withTag("rare", 6, (i) => i % 2 === 0)));
    send("traces", spansOf(2));
    const filter = { attributes: new Map([["tag", "rare"]]) };
    const read = await all(wholeReader.requests("spans", { filter }));
    assert.equal(read.items, 3);
    assert.equal(read.requests.length, 1);
    const { resourceSpans } = JSON.parse(writeJsonRequest("traces", read.requests[0]!));
    assert.equal(resourceSpans.length, 1);
    assert.equal(resourceSpans[0].resource.attributes[0].value.stringValue, "shop");
    assert.equal(resourceSpans[0].scopeSpans[0].spans.length, 3);
  });

  test("reading requests with a filter puts items of other resources and scopes beside each other", async () => {
    const { wholeReader, send } = buildReader();
    for (const seed of range(0, 4))
      send("traces", spansOf(2, { seed, resource: { "service.name": `s${seed >> 1}` } }));
    const read = await all(wholeReader.requests("spans", { filter: { name: "span 1" } }));
    const { resourceSpans } = JSON.parse(writeJsonRequest("traces", read.requests[0]!));
    const services = resourceSpans.map(
      ({ resource }: { resource: { attributes: { value: { stringValue: string } }[] } }) =>
        resource.attributes.map(({ value }) => value.stringValue).find((text) => /^s\d$/.test(text)),
    );
    assert.deepEqual(services, ["s0", "s1"]);
    assert.deepEqual(namesIn("traces", read.requests), Array(4).fill("span 1"));
  });

  test("reading requests with a filter of metrics keeps each data point in its metric", async () => {
    const { wholeReader, send } = buildReader();
    send("metrics", metricsOf(10));
    const read = await all(wholeReader.requests("metrics", { filter: { type: "sum" } }));
    assert.equal(read.items, 2);
    const json = writeJsonRequest("metrics", read.requests[0]!);
    assert.equal([...json.matchAll(/"sum":\{"dataPoints":\[/g)].length, 1);
    assert.equal([...json.matchAll(/"timeUnixNano"/g)].length, 2);
    assert.doesNotMatch(json, /"gauge"|"histogram"/);
  });

  test("reading requests takes a place of the calls that last, and its memory, until it ends", async () => {
    const { wholeReader, send, watchers, answers } = buildReader({ maxWatchers: 1 });
    send("traces", spansOf(3));
    const read = wholeReader.requestsOf("traces", {})[Symbol.asyncIterator]();
    await read.next();
    assert.equal(watchers.count, 1);
    assert.ok(answers.bytes > 0);
    const refused = wholeReader.requestsOf("logs", {})[Symbol.asyncIterator]();
    await assert.rejects(refused.next(), { code: "too-many-watchers" });
    await read.return?.();
    assert.deepEqual([watchers.count, answers.bytes], [0, 0]);
  });

  const long = spansWith(...range(0, 60).map((i) => ({ name: `span ${i} ${"x".repeat(80_000)}` })));

  test("reading requests gives a request of over 3 MiB in parts", async () => {
    const { wholeReader, store } = buildReader();
    keep(store, "traces", long);
    const read = await all(wholeReader.requestsOf("traces", {}));
    assert.ok(read.requests.length > 1);
    for (const { byteLength } of read.requests) assert.ok(byteLength <= 3 * 2 ** 20, `${byteLength} bytes`);
    assert.equal(read.items, 60);
    assert.deepEqual(
      namesIn("traces", read.requests).map((name) => /^span \d+/.exec(name ?? "")?.[0]),
      range(0, 60).map((i) => `span ${i}`),
    );
  });

  const large = "a".repeat(3_200_000);
  const spans = spansOf(300);
  spans.resourceSpans[0]!.resource = resourceOf({ large });
  const logs = logsOf(300);
  logs.resourceLogs[0]!.scopeLogs[0]!.scope = create(InstrumentationScopeSchema, { name: large });
  const metrics = metricsOf(300);
  const [, sum] = metrics.resourceMetrics[0]!.scopeMetrics[0]!.metrics;
  sum!.name = large;
  const shared: Readonly<Record<string, readonly [ItemKind, AnyRequest]>> = {
    "a resource": ["spans", spans],
    "a scope": ["logs", logs],
    "a metric": ["metrics", metrics],
  };

  for (const [what, [kind, request]] of Object.entries(shared)) {
    const signal = itemSignals[kind];
    const readerOfIt = (options: { readonly maxAnswerBytes?: number } = {}) => {
      const store = new RingStore({ maxItems: 1_000, maxBytes: 2 ** 25, maxRequestBytes: 2 ** 22 });
      keep(store, signal, request);
      return buildReader({ ...options, store });
    };
    const sent = encode(signal, request).byteLength;
    const bytesOf = (requests: readonly Uint8Array[]) =>
      requests.reduce((sum, { byteLength }) => sum + byteLength, 0);

    test(`reading requests gives a request of over 3 MiB in few parts when ${what} would be most of each`, async () => {
      const read = await all(readerOfIt().wholeReader.requestsOf(signal, {}));
      assert.equal(read.items, 300);
      assert.ok(bytesOf(read.requests) < 2 * sent, `${bytesOf(read.requests)} of ${sent} bytes`);
    });

    test(`calls that read a request of which ${what} is most share the memory for answers, one after the other`, async () => {
      const maxAnswerBytes = 2 ** 22;
      const { wholeReader, answers } = readerOfIt({ maxAnswerBytes });
      const readers = range(0, 3).map(() => wholeReader.requestsOf(signal, {})[Symbol.asyncIterator]());
      const coming = readers.map((reader) => reader.next());
      for (const reader of readers) {
        await coming.shift();
        assert.ok(answers.bytes <= maxAnswerBytes, `${answers.bytes} bytes`);
        await reader.return?.();
      }
      assert.equal(answers.bytes, 0);
    });

    test(`reading requests with a filter gives ${what} of 3 MB that 300 items share a few times at most`, async () => {
      const read = await all(readerOfIt().wholeReader.requests(kind, { filter: { sinceUnixNano: 1n } }));
      assert.equal(read.items, 300);
      assert.ok(bytesOf(read.requests) < 2 * sent, `${bytesOf(read.requests)} of ${sent} bytes`);
    });
  }

  test("reading requests gives a request in parts that begins with a long item and goes on with short ones", async () => {
    const { wholeReader, store } = buildReader();
    const short = range(0, 200).map((i) => ({ name: `span ${i} ${"x".repeat(10_000)}` }));
    keep(store, "traces", spansWith({ name: "x".repeat(3_000_000) }, ...short));
    const read = await all(wholeReader.requestsOf("traces", {}));
    assert.equal(read.items, 201);
    for (const { byteLength } of read.requests) assert.ok(byteLength <= 3 * 2 ** 20, `${byteLength} bytes`);
  });

  test("many calls that read long requests share the memory for answers", async () => {
    const maxAnswerBytes = 7 * 2 ** 20;
    const { wholeReader, store, answers } = buildReader({ maxAnswerBytes });
    keep(store, "traces", long);
    const readers = range(0, 5).map(() => wholeReader.requestsOf("traces", {})[Symbol.asyncIterator]());
    const coming = readers.map((reader) => reader.next());
    for (const batch of coming) {
      await batch;
      assert.ok(answers.bytes <= maxAnswerBytes, `${answers.bytes} bytes`);
      await readers.shift()?.return?.();
    }
  });

  test("reading requests refuses a cursor that is none", async () => {
    const { wholeReader } = buildReader();
    const read = wholeReader.requestsOf("traces", { after: "x" })[Symbol.asyncIterator]();
    await assert.rejects(read.next(), refusal("after: not a cursor"));
  });
});
