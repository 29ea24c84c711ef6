import assert from "node:assert/strict";
import { test } from "node:test";
import { type Came, traceWatch, watchPause } from "../../../../../src/web/views/trace/trace-watch.ts";

/** A server of which the figures and the spans of one trace are set, and which counts what it is asked. */
function server() {
  const state = {
    spans: 100,
    lastAcceptedTime: "2026-11-28T10:00:00Z",
    logs: 10,
    evicted: 0,
    cleared: 0,
    held: 5,
    oldest: "s1",
    spansCame: "nothing" as Came,
    logsCame: "nothing" as Came,
  };
  const asked: string[] = [];
  let nowMs = 0;
  const arrived = (what: "spans" | "logs") => (after: string) => {
    asked.push(`${what} after ${after}`);
    return Promise.resolve({ came: state[`${what}Came`], cursor: `${after}+` });
  };
  const watch = traceWatch(
    {
      stats: () => {
        asked.push("stats");
        const items = String(state.spans - state.evicted - state.cleared);
        const { spans, evicted, lastAcceptedTime } = state;
        const traces = { accepted: String(spans), evicted: String(evicted), items, lastAcceptedTime };
        return Promise.resolve({ signals: { traces, logs: { accepted: String(state.logs) } } });
      },
      newSpans: arrived("spans"),
      newLogs: arrived("logs"),
      firstHeld: () => {
        asked.push("first");
        return Promise.resolve(state.oldest);
      },
      count: () => {
        asked.push("count");
        return Promise.resolve(state.held);
      },
    },
    () => nowMs,
  );
  watch.begin({ spansCursor: "s", logsCursor: "l", spanCount: 5 }, true);
  return {
    state,
    async look(afterMs = 1_000) {
      nowMs += afterMs;
      asked.length = 0;
      const news = await watch.look();
      return { ...news, asked: asked.join(", ") };
    },
  };
}

test("an open trace costs one call in a round while nothing arrives at the server", async () => {
  const { look } = server();
  assert.equal((await look()).asked, "stats, spans after s, logs after l, first, count");
  for (let rounds = 0; rounds < 3; rounds++) {
    const { asked, came, lost } = await look();
    assert.deepEqual({ asked, came, lost }, { asked: "stats", came: "nothing", lost: undefined });
  }
});

test("what arrives at the server is searched for spans of the open trace, on from where the last search ended", async () => {
  const { look, state } = server();
  await look();
  state.spans += 7;
  assert.deepEqual(await look(), {
    came: "nothing",
    lost: undefined,
    how: "evicted or cleared",
    asked: "stats, spans after s+",
  });
  state.logs += 1;
  state.logsCame = "something";
  const { came, asked } = await look();
  assert.deepEqual({ came, asked }, { came: "something", asked: "stats, logs after l+" });
});

test("spans that were evicted are counted, at most every five seconds", async () => {
  const { look, state } = server();
  await look();
  state.evicted += 10;
  assert.equal((await look()).asked, "stats");
  assert.equal((await look(4_000)).asked, "stats, first");
  state.evicted += 10;
  Object.assign(state, { held: 2, oldest: "s4" });
  const { lost, how } = await look(5_000);
  assert.deepEqual({ lost, how }, { lost: 3, how: "evicted" });
});

test("spans that were cleared are told at once", async () => {
  const { look, state } = server();
  await look();
  Object.assign(state, { cleared: 100, held: 0, oldest: "" });
  const { lost, how } = await look();
  assert.deepEqual({ lost, how }, { lost: 5, how: "cleared" });
});

test("another run of the server is noticed, also when it has accepted as many spans", async () => {
  const { look, state } = server();
  await look();
  Object.assign(state, { lastAcceptedTime: "2026-11-28T10:01:00Z", spansCame: "other run" });
  for (let rounds = 0; rounds < 2; rounds++) {
    const { came, asked } = await look();
    assert.deepEqual({ came, asked }, { came: "other run", asked: "stats, spans after s+" });
  }
});

test("an open trace is asked for less and less while nothing comes of it", () => {
  assert.deepEqual([0, 12_000, 30_000, 60_000, 1e9].map(watchPause), [1_000, 1_000, 2_500, 5_000, 5_000]);
});
