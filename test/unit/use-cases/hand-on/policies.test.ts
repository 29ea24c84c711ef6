import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ErrorCode } from "../../../../src/domain/errors.ts";
import type { IngestOutcome } from "../../../../src/domain/outcome.ts";
import { type SinkPolicy, sinkPolicies } from "../../../../src/domain/sink-policy.ts";
import { encode, requestOf, spansWith } from "../../../contract/store-requests.ts";
import { FakeSink } from "../../../support/fake-sink.ts";
import { HandOnBench } from "../../../support/hand-on-bench.ts";

/** Of an outcome that is there at once. */
function now(outcome: IngestOutcome | Promise<IngestOutcome>): IngestOutcome {
  assert.ok(!(outcome instanceof Promise), "the outcome is there at once");
  return outcome;
}

/** The outcome as far as it is there; "waiting" when it is not. */
async function sofar(outcome: IngestOutcome | Promise<IngestOutcome>): Promise<IngestOutcome | "waiting"> {
  return Promise.race([outcome, new Promise<"waiting">((resolve) => setImmediate(resolve, "waiting"))]);
}

function assertRefused(outcome: IngestOutcome | "waiting", code: ErrorCode, hasHint: boolean): void {
  assert.ok(outcome !== "waiting" && outcome.kind === "refused", "it is refused");
  assert.equal(outcome.error.code, code);
  assert.equal(outcome.error.retryAfterMs !== undefined, hasHint);
}

describe("best-effort", () => {
  test("a best-effort sink has exports answered at once, whatever it does, and what it misses is counted", async (t) => {
    const bench = new HandOnBench(t, { maxItems: 10, limits: { batchRequests: 1 } });
    bench.sink.outside = "is down";
    for (let i = 0; i < 30; i++) {
      assert.equal(now(bench.send()).kind, "accepted");
      await bench.timers.pass(100);
    }
    const before = bench.state();
    assert.ok(before.missed > 0);
    assert.equal(before.missed + before.backlogItems, 30);
    bench.sink.outside = "takes all";
    await bench.timers.pass(60_000);
    const { delivered, missed } = bench.state();
    assert.equal(delivered + missed, 30);
    assert.equal(bench.taken().length, delivered);
    const told = bench.lines.filter(({ message }) => message.includes("evicted before"));
    assert.equal(
      told.reduce((sum, { fields }) => sum + Number(fields.items), 0),
      missed,
      "the log tells of every missed item",
    );
  });

  for (const policy of ["lossless", "confirmed"] as const) {
    test(`a ${policy} sink keeps what is held from being cleared, whether it has it or not`, async (t) => {
      const bench = new HandOnBench(t, { policy });
      const refusal = bench.handOn.refusalOfClear();
      assert.equal(refusal?.code, "promised-to-sink");
      assert.equal(refusal.message, `nothing is cleared: what is held is promised to fake (${policy})`);
    });
  }

  test("a best-effort sink does not keep what is held from being cleared", async (t) => {
    assert.equal(new HandOnBench(t).handOn.refusalOfClear(), undefined);
  });

  test("a best-effort sink has items that were cleared before they were handed on counted as missed", async (t) => {
    const bench = new HandOnBench(t, { limits: { batchRequests: 1 } });
    bench.sink.outside = "is down";
    for (let i = 0; i < 30; i++) bench.send();
    await bench.timers.pass(1_000);
    bench.store.clear();
    bench.sink.outside = "takes all";
    await bench.timers.pass(60_000);
    const { delivered, missed, backlogItems } = bench.state();
    assert.deepEqual([delivered + missed, backlogItems], [30, 0]);
    assert.ok(missed > 0);
  });
});

describe("lossless", () => {
  test("a lossless sink has an export refused that would evict what it has not got, and taken when it has", async (t) => {
    const bench = new HandOnBench(t, { policy: "lossless", maxItems: 10 });
    bench.sink.outside = "is down";
    let accepted = 0;
    for (let i = 0; i < 30; i++) {
      const outcome = now(bench.send());
      if (outcome.kind === "accepted") accepted += 1;
      else assertRefused(outcome, "buffer-full", true);
      await bench.timers.pass(10);
    }
    assert.equal(accepted, 10);
    assert.equal(bench.store.stats("traces").evicted, 0);
    bench.sink.outside = "takes all";
    await bench.timers.pass(60_000);
    assert.equal(now(bench.send()).kind, "accepted");
    await bench.timers.pass(100);
    assert.equal(bench.taken().length, 11);
    assert.equal(bench.state().missed, 0);
  });

  test("a lossless sink has exports refused for the bytes of all signals too", async (t) => {
    const bench = new HandOnBench(t, { policy: "lossless", maxBytes: 20_000 });
    bench.sink.outside = "is down";
    const kinds = new Set<string>();
    for (let i = 0; i < 60; i++) kinds.add(now(bench.send(i % 2 === 0 ? "logs" : "traces", 2)).kind);
    assert.deepEqual(kinds, new Set(["accepted", "refused"]));
    bench.sink.outside = "takes all";
    await bench.timers.pass(60_000);
    for (const signal of ["logs", "traces"] as const)
      assert.deepEqual(bench.taken(signal), bench.held(signal));
  });

  test("a lossless sink has an item counted as taken only when it has said so", async (t) => {
    const bench = new HandOnBench(t, { policy: "lossless", maxItems: 2, limits: { lingerMs: 0 } });
    bench.sink.outside = "stalls";
    bench.send("traces", 2);
    await bench.timers.pass(100);
    assert.equal(bench.sink.calls, 1);
    assertRefused(now(bench.send()), "buffer-full", true);
  });

  test("a lossless sink makes room for what it refuses for good", async (t) => {
    const bench = new HandOnBench(t, { policy: "lossless", maxItems: 2 });
    bench.sink.outside = "refuses";
    bench.send("traces", 2);
    await bench.timers.pass(100);
    assert.equal(now(bench.send("traces", 2)).kind, "accepted");
    assert.equal(bench.state().refused, 2);
  });

  test("a lossless sink has a request refused for good that the buffer can never hold", (t) => {
    const bench = new HandOnBench(t, { policy: "lossless", maxItems: 5 });
    assertRefused(now(bench.send("traces", 6)), "too-large", false);
  });

  test("a lossless sink has items protected from the start that were there before", async (t) => {
    const bench = new HandOnBench(t, { policy: "lossless", maxItems: 4, before: [4] });
    bench.sink.outside = "is down";
    await bench.timers.pass(1_000);
    assertRefused(now(bench.send()), "buffer-full", true);
  });
});

describe("confirmed", () => {
  const confirmed = { policy: "confirmed" } as const;

  test("a confirmed export is answered when the sink has it, and not before", async (t) => {
    const bench = new HandOnBench(t, confirmed);
    let take = () => {};
    bench.sink.outside = async (signal, requests) => {
      await new Promise<void>((resolve) => {
        take = resolve;
      });
      bench.sink.take(signal, requests);
      return { kind: "delivered" };
    };
    const outcome = bench.send("traces", 3);
    await bench.timers.pass(1_000);
    assert.equal(await sofar(outcome), "waiting");
    take();
    assert.deepEqual(await outcome, { kind: "accepted", items: 3 });
    assert.equal(bench.taken().length, 3);
  });

  test("confirmed exports of several callers are not merged, and wait side by side", async (t) => {
    const bench = new HandOnBench(t, confirmed);
    const outcomes = Array.from({ length: 20 }, () => bench.send("logs", 2));
    for (const outcome of await Promise.all(outcomes)) assert.equal(outcome.kind, "accepted");
    assert.equal(bench.sink.taken("logs").length, 20);
  });

  test("a confirmed export is answered as the sink does when it refuses for good", async (t) => {
    const bench = new HandOnBench(t, confirmed);
    bench.sink.outside = async () => ({ kind: "refused", code: "INVALID_ARGUMENT" });
    const outcome = await bench.send();
    assertRefused(outcome, "sink-refused", false);
    assert.ok(outcome.kind === "refused" && outcome.error.message.includes("INVALID_ARGUMENT"));
  });

  test("a confirmed export is answered as the sink does when it takes a part", async (t) => {
    const bench = new HandOnBench(t, confirmed);
    bench.sink.outside = "takes part";
    const outcome = await bench.send("traces", 3);
    assert.deepEqual(
      outcome.kind === "partly-accepted" && [outcome.items, outcome.rejected, outcome.message],
      [2, 1, "1 span rejected where they were handed on to"],
    );
    const bad = { spanId: new Uint8Array(3) };
    const both = await bench.sendBytes("traces", encode("traces", spansWith({}, bad, {})));
    assert.ok(both.kind === "partly-accepted" && both.items === 1 && both.rejected === 2);
    assert.match(both.message, /^1 span rejected: .*; 1 span rejected where/);
  });

  test("a confirmed export is answered unavailable shortly before its caller's deadline, and handed on all the same", async (t) => {
    const bench = new HandOnBench(t, confirmed);
    bench.sink.outside = "stalls";
    const outcome = bench.send("traces", 1, 5_000);
    await bench.timers.pass(4_400);
    assert.equal(await sofar(outcome), "waiting");
    await bench.timers.pass(200);
    assertRefused(await sofar(outcome), "unconfirmed", true);
    bench.sink.outside = "takes all";
    await bench.timers.pass(20_000);
    assert.equal(bench.taken().length, 1);
  });

  test("a confirmed export is answered unavailable when it was evicted before it was read", async (t) => {
    const bench = new HandOnBench(t, { ...confirmed, maxItems: 3, limits: { singleDeliveries: 1 } });
    bench.sink.outside = "stalls";
    const first = bench.send("traces", 1, 60_000);
    await bench.timers.pass(1);
    const outcomes = [first, ...[2, 3, 4, 5, 6].map(() => bench.send("traces", 1, 60_000))];
    await bench.timers.pass(9_000);
    bench.sink.outside = "takes all";
    await bench.timers.pass(30_000);
    const kinds = await Promise.all(outcomes.map(sofar));
    assert.deepEqual(
      kinds.map((outcome) => outcome !== "waiting" && outcome.kind),
      ["accepted", "refused", "refused", "accepted", "accepted", "accepted"],
    );
    assertRefused(kinds[1]!, "unconfirmed", true);
  });

  test("a confirmed export waits for every part of a request that is too large for the sink", async (t) => {
    const sink = new FakeSink({ maxBytes: 3_000 });
    const bench = new HandOnBench(t, { ...confirmed, sink });
    let calls = 0;
    sink.outside = async (signal, requests) => {
      calls += 1;
      if (calls === 2) return { kind: "partly-delivered", rejected: 1 };
      sink.take(signal, requests);
      return { kind: "delivered" };
    };
    const outcome = await bench.sendBytes("logs", encode("logs", requestOf("logs", 40)));
    assert.ok(calls > 3);
    assert.ok(outcome.kind === "partly-accepted" && outcome.items === 39 && outcome.rejected === 1);
  });

  test("confirmed exports are refused before they are kept while the sink is down, all but one in a second", async (t) => {
    const bench = new HandOnBench(t, confirmed);
    bench.sink.outside = "is down";
    const first = bench.send("traces", 1, 2_000);
    await bench.timers.pass(100);
    let waiting = 0;
    for (let ms = 0; ms < 10_000; ms += 50) {
      const outcome = bench.send("traces", 1, 2_000);
      if (outcome instanceof Promise) waiting += 1;
      else assertRefused(outcome, "sink-unavailable", true);
      await bench.timers.pass(50);
    }
    assertRefused(await first, "unconfirmed", true);
    assert.ok(waiting >= 8 && waiting <= 10, `${waiting} of 200 in 10 s were let through`);
    assert.equal(bench.store.range("traces").next, 1 + waiting);
    bench.sink.outside = "takes all";
    await bench.timers.pass(1_100);
    assert.equal((await bench.send()).kind, "accepted");
  });

  test("a confirmed export does not try the sink before the time that the sink named, and its caller is told that time", async (t) => {
    const bench = new HandOnBench(t, confirmed);
    bench.sink.outside = async () => ({ kind: "later", code: "HTTP 429", retryAfterMs: 60_000 });
    bench.send();
    await bench.timers.pass(2_000);
    const outcome = now(bench.send());
    assertRefused(outcome, "sink-unavailable", true);
    assert.ok(outcome.kind === "refused" && outcome.error.retryAfterMs! > 50_000);
  });

  test("a confirmed export of which nothing was accepted is answered at once", (t) => {
    const bench = new HandOnBench(t, confirmed);
    bench.sink.outside = "stalls";
    const bytes = encode("traces", spansWith({ spanId: new Uint8Array(3) }));
    assert.equal(now(bench.sendBytes("traces", bytes)).kind, "partly-accepted");
  });
});

describe("at the stop", () => {
  for (const policy of sinkPolicies) {
    test(`a stop hands on within the grace what is left, with ${policy}`, async (t) => {
      const bench = new HandOnBench(t, { policy, limits: { lingerMs: 60_000 } });
      const outcomes = [1, 2, 3].map((items) => bench.send("traces", items));
      await bench.handOn.close(new AbortController().signal);
      assert.equal(bench.taken().length, 6);
      assert.equal(bench.sink.closed, 1);
      for (const outcome of await Promise.all(outcomes)) assert.equal(outcome.kind, "accepted");
      assert.deepEqual(bench.messages(), []);
    });
  }

  test("a stop hands what is left to a sink that comes back within the grace", async (t) => {
    const bench = new HandOnBench(t, { policy: "lossless" });
    bench.sink.outside = "is down";
    bench.send("traces", 2);
    await bench.timers.pass(5_000);
    const closing = bench.handOn.close(new AbortController().signal);
    bench.sink.outside = "takes all";
    await bench.timers.pass(30_000);
    await closing;
    assert.equal(bench.taken().length, 2);
  });

  async function closeInTheMiddle(policy: SinkPolicy): Promise<HandOnBench & { readonly failure: unknown }> {
    const bench = new HandOnBench(undefined, { policy, limits: { lingerMs: 0 } });
    bench.sink.outside = "stalls";
    bench.send("traces", 2);
    await bench.timers.pass(100);
    const grace = new AbortController();
    const closing = bench.handOn.close(grace.signal).then(
      () => undefined,
      (error) => error,
    );
    await bench.timers.pass(100);
    grace.abort();
    return Object.assign(bench, { failure: await closing });
  }

  test("a stop tells in one line what was not handed on when nothing was promised", async () => {
    const { failure, lines, sink } = await closeInTheMiddle("best-effort");
    assert.equal(failure, undefined);
    assert.match(
      lines.map(({ message }) => message).join("\n"),
      /^items that were not handed on .*: 2 \(\d+ bytes\) for fake$/,
    );
    assert.equal(sink.closed, 1);
  });

  test("a stop fails when items are left that were promised to a sink", async () => {
    const { failure, lines, sink } = await closeInTheMiddle("lossless");
    assert.match(String(failure), /not handed on .*: 2 \(\d+ bytes\) for fake/);
    assert.deepEqual(lines, []);
    assert.equal(sink.closed, 1);
  });

  test("a stop breaks no promise by what no caller was told to be confirmed", async () => {
    const { failure } = await closeInTheMiddle("confirmed");
    assert.equal(failure, undefined);
  });
});
