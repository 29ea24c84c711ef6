import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { IngestOutcome } from "../../../../src/domain/outcome.ts";
import type { Signal } from "../../../../src/domain/signal.ts";
import { StrictValidator } from "../../../../src/otlp/strict/strict-validator.ts";
import { EventLoopTurns } from "../../../../src/use-cases/event-loop-turns.ts";
import { Arrivals } from "../../../../src/use-cases/ingest/arrivals.ts";
import type { Awaiting } from "../../../../src/use-cases/ingest/awaiting.ts";
import { createIngest } from "../../../../src/use-cases/ingest/ingest.ts";
import { IngestCounters } from "../../../../src/use-cases/ingest/ingest-counters.ts";
import { type AnyRequest, encode, spanNames, spansOf } from "../../../contract/store-requests.ts";
import { someCaller } from "../../../support/awaiting.ts";
import { FakeStore } from "../../../support/fake-store.ts";
import { HandOnBench } from "../../../support/hand-on-bench.ts";
import { ingestNow } from "../../../support/ingest.ts";
import { readJson } from "../../../support/read-json.ts";

const ids = '"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"';

function spans(...members: string[]): string {
  const list = members.map((member) => `{${member}}`).join();
  return `{"resourceSpans":[{"scopeSpans":[{"spans":[${list}]}]}]}`;
}

function ingestJson(signal: Signal, json: string, isStrict = false) {
  const counters = new IngestCounters();
  const store = new FakeStore({ maxItems: 100, maxBytes: 1_000_000 });
  const strict = isStrict ? new StrictValidator(1_000_000, 1_000_000) : undefined;
  const turns = new EventLoopTurns();
  const ingest = createIngest({ store, counters, arrivals: new Arrivals(), turns, strict });
  const { bytes, report } = readJson(signal, Buffer.from(json), { isStrict });
  const outcome = ingest(signal, [bytes], bytes.byteLength, "http", report);
  return { outcome: outcome as IngestOutcome, counts: counters.of(signal) };
}

describe("ingesting a request that was encoded from JSON", () => {
  test("ingesting counts and names items that the encoding from JSON rejected", () => {
    const { outcome, counts } = ingestJson("traces", spans(ids, `${ids},"kind":"NEW"`));
    assert.deepEqual(outcome, {
      kind: "partly-accepted",
      items: 1,
      rejected: 1,
      message:
        "1 span rejected: kind must be an enum value's number or name (resource_spans[0].scope_spans[0].spans[1].kind)",
    });
    assert.deepEqual([counts.accepted, counts.rejected], [1, 1]);
  });

  test("ingesting adds the items that the store rejects to those of the encoding from JSON", () => {
    const { outcome } = ingestJson("traces", spans('"kind":"NEW"', ids, "", ""));
    assert.deepEqual([outcome.kind, "rejected" in outcome && outcome.rejected], ["partly-accepted", 3]);
    assert.match("message" in outcome ? outcome.message : "", /^3 spans rejected: kind .*; .*trace id/);
  });

  test("ingesting warns of values that the encoding from JSON left out, and rejects nothing for them", () => {
    const { outcome } = ingestJson(
      "logs",
      '{"resourceLogs":[{"schemaUrl":5,"scopeLogs":[{"logRecords":[{}]}]}]}',
    );
    assert.deepEqual(outcome, {
      kind: "partly-accepted",
      items: 1,
      rejected: 0,
      message: "left out: schema_url must be a string (resource_logs[0].schema_url)",
    });
  });

  for (const [what, json, message] of [
    [
      "another signal's payload",
      '{"resourceLogs":[{}]}',
      'the request leads to no spans; its first unknown field is "resourceLogs", which belongs to /v1/logs',
    ],
    [
      "an early version of OTLP",
      '{"resourceSpans":[{"instrumentationLibrarySpans":[{}]}]}',
      'resource_spans[0] leads to no spans; its first unknown field is "instrumentationLibrarySpans"',
    ],
    [
      "a hostile field name",
      `{"\\u001b[31m${"é".repeat(99)}":1}`,
      `the request leads to no spans; its first unknown field is "?[31m${"?".repeat(59)}"...`,
    ],
  ] as const) {
    test(`ingesting warns of ${what}, and names the first unknown field`, () => {
      assert.deepEqual(ingestJson("traces", json).outcome, {
        kind: "partly-accepted",
        items: 0,
        rejected: 0,
        message,
      });
    });
  }

  test("ingesting says nothing of a log record that lost an id", () => {
    const json = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"-"}]}]}]}';
    assert.deepEqual(ingestJson("logs", json).outcome, { kind: "accepted", items: 1 });
  });

  test("ingesting warns of a log record that lost an id when validation is strict", () => {
    const json = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"-"},{}]}]}]}';
    assert.deepEqual(ingestJson("logs", json, true).outcome, {
      kind: "partly-accepted",
      items: 2,
      rejected: 0,
      message:
        "warnings: trace_id must be a hex string (resource_logs[0].scope_logs[0].log_records[0].trace_id)",
    });
  });

  test("ingesting warns by the positions of the request as it was sent, after items were rejected", () => {
    const { outcome, counts } = ingestJson(
      "traces",
      spans('"kind":"NEW"', `${ids},"kind":77,"name":"a"`),
      true,
    );
    assert.deepEqual(outcome, {
      kind: "partly-accepted",
      items: 1,
      rejected: 1,
      message:
        "1 span rejected: kind must be an enum value's number or name (resource_spans[0].scope_spans[0].spans[0].kind); " +
        "warnings: unknown enum value (resource_spans[0].scope_spans[0].spans[1].kind)",
    });
    assert.deepEqual([counts.accepted, counts.rejected], [1, 1]);
  });
});

describe("ingesting a long request", () => {
  function open(isStrict = false) {
    const store = new FakeStore({ maxItems: 100, maxBytes: 10_000_000 });
    const counters = new IngestCounters();
    const [arrivals, turns] = [new Arrivals(), new EventLoopTurns()];
    const strict = isStrict ? new StrictValidator(1_000, 1_000_000) : undefined;
    const ingest = createIngest({ store, counters, arrivals, turns, strict });
    const ingestLong = (signal: Signal, request: AnyRequest, caller?: Awaiting) => {
      const bytes = encode(signal, request);
      const ingested = ingest(signal, [bytes], bytes.byteLength, "grpc", undefined, undefined, caller);
      assert.ok(!(ingested instanceof Promise) && ingested.kind === "long");
      return ingested;
    };
    return { store, counters, arrivals, ingest, ingestLong };
  }
  const long = { resource: { padding: "x".repeat(600_000) } };

  test("a long request lets short ones go first, and is announced and counted when it has been kept", async () => {
    const { store, counters, arrivals, ingest, ingestLong } = open();
    const { outcome, taken } = ingestLong("traces", spansOf(3, long));
    assert.deepEqual(ingestNow(ingest, "traces", encode("traces", spansOf(1))), {
      kind: "accepted",
      items: 1,
    });
    const arrival = arrivals.next("traces");
    assert.equal(counters.of("traces").accepted, 1);
    assert.deepEqual(await outcome, { kind: "accepted", items: 3 });
    await Promise.all([arrival, taken]);
    assert.deepEqual(spanNames(store), ["span 0", "span 0", "span 1", "span 2"]);
    assert.equal(counters.of("traces").accepted, 4);
  });

  test("long requests are taken one after another, in the order in which they came", async () => {
    const { store, ingestLong } = open();
    const counts = [3, 2, 1];
    const outcomes = counts.map((count) => ingestLong("traces", spansOf(count, long)).outcome);
    assert.deepEqual(
      await Promise.all(outcomes),
      counts.map((items) => ({ kind: "accepted", items })),
    );
    assert.deepEqual(spanNames(store), ["span 0", "span 1", "span 2", "span 0", "span 1", "span 0"]);
  });

  test("a sender is warned of what is odd in a long request when validation is strict", async () => {
    const { ingestLong } = open(true);
    const request = spansOf(1, long);
    request.resourceSpans[0]!.scopeSpans[0]!.spans[0]!.name = "";
    assert.deepEqual(await ingestLong("traces", request).outcome, {
      kind: "partly-accepted",
      items: 1,
      rejected: 0,
      message: "warnings: name is empty (resource_spans[0].scope_spans[0].spans[0])",
    });
  });

  test("a long request that the sink had while it was checked for warnings is confirmed", async (t) => {
    const strict = new StrictValidator(1_000, 1_000_000);
    const bench = new HandOnBench(t, { policy: "confirmed", maxBytes: 2 ** 24, strict });
    const check = strict.checkInSteps.bind(strict);
    let isDelivered = false;
    t.mock.method(strict, "checkInSteps", function* (...sent: Parameters<typeof check>) {
      const steps = check(...sent);
      for (let i = 0; i < 10; i++) yield;
      isDelivered = bench.taken().length === 1;
      return yield* steps;
    });
    const outcome = bench.sendLong("traces", encode("traces", spansOf(1, long)));
    await bench.timers.pass(100);
    assert.deepEqual(await outcome, { kind: "accepted", items: 1 });
    assert.ok(isDelivered, "the sink had it before the check ended");
  });

  test("after a fault of the store, ingesting goes on with the next long request", async (t) => {
    const { store, ingestLong } = open();
    const fault = new Error("a fault");
    t.mock.method(
      store,
      "appendInSteps",
      () => {
        throw fault;
      },
      { times: 1 },
    );
    const [first, second] = [1, 2].map((count) => ingestLong("traces", spansOf(count, long)));
    await assert.rejects(first!.outcome, fault);
    await assert.rejects(first!.taken, fault);
    assert.deepEqual(await second!.outcome, { kind: "accepted", items: 2 });
  });

  test("a long request is not kept when its caller left before its turn or between two of its steps", async (t) => {
    const { store, counters, ingestLong } = open();
    const callers = Array.from({ length: 3 }, someCaller);
    const append = store.appendInSteps.bind(store);
    t.mock.method(store, "appendInSteps", function* (...sent: Parameters<typeof append>) {
      callers[0]?.leave();
      yield;
      return yield* append(...sent);
    });
    const ingested = callers.map((caller, i) => ingestLong("traces", spansOf(i + 1, long), caller));
    callers[1]?.leave();
    const outcomes = await Promise.all(ingested.map(({ outcome }) => outcome));
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === "refused" ? outcome.error.code : outcome.kind)),
      ["cancelled", "cancelled", "accepted"],
    );
    assert.deepEqual(spanNames(store), ["span 0", "span 1", "span 2"]);
    assert.equal(counters.of("traces").accepted, 3);
  });
});
