import assert from "node:assert/strict";
import { test } from "node:test";
import { traceWatch, watchPause } from "../../../../../src/web/views/trace/trace-watch.ts";

/** A server of which the figures and the spans of one trace are set, and which counts what it is asked. */
function server() {
  const state = { spans: 100, logs: 10, evicted: 0, cleared: 0, held: 5, oldest: "s1", news: "" };
  const asked: string[] = [];
  let nowMs = 0;
  const arrived = (what: string) => (after: string) => {
    asked.push(`${what} after ${after}`);
    return Promise.resolve({ some: state.news === what, cursor: `${after}+` });
  };
  const watch = traceWatch(
    {
      stats: () => {
        asked.push("stats");
        const items = String(state.spans - state.evicted - state.cleared);
        const traces = { accepted: String(state.spans), evicted: String(state.evicted), items };
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
    const { asked, more, lost } = await look();
    assert.deepEqual({ asked, more, lost }, { asked: "stats", more: false, lost: undefined });
  }
});

test("what arrives at the server is searched for spans of the open trace, on from where the last search ended", async () => {
  const { look, state } = server();
  await look();
  state.spans += 7;
  assert.deepEqual(await look(), {
    more: false,
    lost: undefined,
    how: "evicted or cleared",
    asked: "stats, spans after s+",
  });
  state.logs += 1;
  state.news = "logs";
  const { more, asked } = await look();
  assert.deepEqual({ more, asked }, { more: true, asked: "stats, logs after l+" });
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

test("an open trace is asked for less and less while nothing comes of it", () => {
  assert.deepEqual([0, 12_000, 30_000, 60_000, 1e9].map(watchPause), [1_000, 1_000, 2_500, 5_000, 5_000]);
});
