import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Signal, signals } from "../../../../src/domain/signal.ts";
import { HandOnBench } from "../../../support/hand-on-bench.ts";

describe("the log of handing on", () => {
  test("the log of handing on tells once that a sink takes nothing, and once that it does again, of all signals together", async (t) => {
    const bench = new HandOnBench(t);
    bench.sink.outside = "is down";
    for (const signal of ["traces", "logs", "metrics"] as const) bench.send(signal);
    await bench.timers.pass(50_000);
    bench.sink.outside = "takes all";
    await bench.timers.pass(60_000);
    assert.deepEqual(bench.lines, [
      {
        level: "warn",
        message: "the sink takes no items now, trying again",
        fields: { sink: "fake", signal: "traces", code: "ECONNREFUSED" },
      },
      { level: "info", message: "the sink takes items again", fields: { sink: "fake" } },
    ]);
  });

  test("the log of handing on tells that a sink takes items again when it does of each signal", async (t) => {
    const bench = new HandOnBench(t);
    let refused: Signal | undefined = "logs";
    bench.sink.outside = async (signal) =>
      signal === refused ? { kind: "later", code: "TOPIC_AUTHORIZATION_FAILED" } : { kind: "delivered" };
    for (const signal of signals) bench.send(signal);
    await bench.timers.pass(40_000);
    assert.deepEqual(bench.messages(), ["the sink takes no items now, trying again"]);
    assert.equal(bench.lines[0]!.fields.signal, "logs");
    refused = undefined;
    await bench.timers.pass(40_000);
    assert.deepEqual(bench.messages().slice(1), ["the sink takes items again"]);
  });

  test("the log of handing on has a few lines a minute of a sink that comes and goes, refuses and rejects", async (t) => {
    const bench = new HandOnBench(t, { limits: { batchRequests: 1 } });
    const outsides = ["is down", "takes all", "refuses", "takes part"] as const;
    for (let i = 0; i < 600; i++) {
      bench.sink.outside = outsides[i % outsides.length]!;
      bench.send("traces", 2);
      await bench.timers.pass(200);
    }
    assert.ok(
      bench.lines.length > 4 && bench.lines.length <= 14,
      `${bench.lines.length} lines in two minutes`,
    );
  });

  test("the log of handing on adds up what was refused since the line before", async (t) => {
    const bench = new HandOnBench(t);
    bench.sink.outside = "refuses";
    for (let i = 0; i < 50; i++) {
      bench.send("logs", 2);
      await bench.timers.pass(1_000);
    }
    await bench.timers.pass(20_000);
    assert.deepEqual(
      bench.lines.map(({ fields }) => fields.items),
      [2, 98],
    );
  });

  test("the log of handing on names the code of a refusal though another delivery has failed before it is told", async (t) => {
    const bench = new HandOnBench(t);
    for (const outside of ["refuses", "refuses", "is down"] as const) {
      bench.sink.outside = outside;
      bench.send();
      await bench.timers.pass(1_000);
    }
    await bench.timers.pass(60_000);
    const told = bench.lines.filter(({ message }) => message === "the sink refused requests for good");
    assert.equal(told.length, 2);
    assert.equal(told[1]!.fields.code, told[0]!.fields.code);
  });

  test("the log of handing on warns once a minute of a backlog that does nothing but grow", async (t) => {
    const bench = new HandOnBench(t, { maxItems: 100_000 });
    bench.sink.outside = "stalls";
    for (let i = 0; i < 185; i++) {
      bench.send();
      await bench.timers.pass(1_000);
    }
    const grown = bench.lines.filter(({ message }) => message.includes("only grown"));
    assert.equal(grown.length, 3);
    assert.ok(Number(grown[2]!.fields.items) > 150);
    assert.ok(Number(grown[2]!.fields.oldestSeconds) > 150);
  });

  test("the log of handing on says nothing of a backlog that stays, or comes and goes", async (t) => {
    const bench = new HandOnBench(t, { limits: { lingerMs: 2_500 } });
    for (let i = 0; i < 200; i++) {
      bench.send();
      await bench.timers.pass(1_000);
    }
    assert.deepEqual(bench.lines, []);
  });
});

describe("the state of a sink", () => {
  test("the state of a sink shows backlog, age and last failure", async (t) => {
    const bench = new HandOnBench(t);
    bench.sink.outside = "is down";
    await bench.timers.pass(20_000);
    bench.send("traces", 2);
    await bench.timers.pass(30_000);
    bench.send("logs", 3);
    await bench.timers.pass(10_000);
    const state = bench.state();
    assert.equal(state.isFailing, true);
    assert.equal(state.backlogItems, 5);
    const held = bench.store.stats("traces").bytes + bench.store.stats("logs").bytes;
    assert.equal(state.backlogBytes, held);
    assert.ok(state.oldestMs >= 40_000 && state.oldestMs <= 41_000, `${state.oldestMs}`);
    assert.equal(state.lastFailure?.code, "ECONNREFUSED");
  });

  test("the state of a sink knows the age of what has waited for hours", async (t) => {
    const bench = new HandOnBench(t, { maxItems: 100_000 });
    bench.sink.outside = "stalls";
    for (let i = 0; i < 1_500; i++) {
      bench.send();
      await bench.timers.pass(5_000);
    }
    const { oldestMs } = bench.state();
    assert.ok(Math.abs(oldestMs - 7_500_000) < 60_000, `${oldestMs}`);
  });
});
