import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { Span } from "../../../../../gen/obsvty/v1/query_pb.ts";
import {
  type Timers,
  TraceCollector,
  type TraceCollectorOptions,
} from "../../../../../src/cli/commands/run/trace-collector.ts";
import { apiSpan } from "../../../../support/spans.ts";

/** Timers whose time passes only when a test calls `pass`. */
class HandTimers implements Timers {
  #nowMs = 0;
  readonly #due = new Map<() => void, number>();

  nowMs(): number {
    return this.#nowMs;
  }

  schedule(afterMs: number, run: () => void): () => void {
    const entry = () => run();
    this.#due.set(entry, this.#nowMs + afterMs);
    return () => this.#due.delete(entry);
  }

  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#due].filter(([, at]) => at <= endMs).sort(([, a], [, b]) => a - b);
      if (next === undefined) break;
      this.#due.delete(next[0]);
      this.#nowMs = Math.max(this.#nowMs, next[1]);
      next[0]();
      await settled();
    }
    this.#nowMs = endMs;
  }

  get waiting(): number {
    return this.#due.size;
  }
}

const settled = () => new Promise(setImmediate);

let timers: HandTimers;
let shown: string[];
/** The spans that the server holds, by trace. */
let held: Map<string, readonly Span[]>;
let loads: number;

beforeEach(() => {
  timers = new HandTimers();
  shown = [];
  held = new Map();
  loads = 0;
});

function collector(options: Partial<TraceCollectorOptions> = {}): TraceCollector {
  return new TraceCollector({
    timers,
    isFiltered: false,
    load: async (traceId) => {
      loads++;
      return held.get(traceId);
    },
    show: async (spans) => {
      shown.push(spans.map(({ name }) => name).join(" "));
    },
    quietMs: 300,
    patienceMs: 6_000,
    ...options,
  });
}

const root = apiSpan({ id: "1", name: "root" });
const child = apiSpan({ id: "2", parent: "1", name: "child" });
const grandchild = apiSpan({ id: "3", parent: "2", name: "grandchild" });

describe("a trace is shown", () => {
  test("a trace is shown when it looks complete and no span arrives for 300 ms", async () => {
    const traces = collector();
    await traces.add([child]);
    await timers.pass(1_000);
    await traces.add([root]);
    await timers.pass(299);
    assert.deepEqual(shown, []);
    await timers.pass(1);
    assert.deepEqual(shown, ["child root"]);
    assert.deepEqual([loads, timers.waiting], [0, 0]);
  });

  test("a trace is shown only when no more spans arrive", async () => {
    const traces = collector();
    await traces.add([root]);
    await timers.pass(200);
    await traces.add([child]);
    await timers.pass(200);
    assert.deepEqual(shown, []);
    await timers.pass(100);
    assert.deepEqual(shown, ["root child"]);
  });

  test("an incomplete trace is shown after 6 s, with the spans that the server holds", async () => {
    const traces = collector();
    held.set(grandchild.traceId, [child, grandchild]);
    await traces.add([grandchild]);
    await timers.pass(5_999);
    assert.deepEqual(shown, []);
    await timers.pass(1);
    assert.deepEqual(shown, ["child grandchild"]);
  });

  test("a trace that the server no longer holds is shown with the spans that arrived", async () => {
    await collector().add([grandchild]);
    await timers.pass(6_000);
    assert.deepEqual([shown, loads], [["grandchild"], 1]);
  });

  test("a trace that keeps growing is shown after 6 s", async () => {
    const traces = collector();
    for (let ms = 0; ms < 6_100; ms += 100) {
      await traces.add([child]);
      await timers.pass(100);
    }
    assert.equal(shown.length, 1);
  });

  test("a trace is shown again when more spans and the root arrive late, with all spans held", async () => {
    const traces = collector();
    await traces.add([child]);
    await timers.pass(6_000);
    held.set(root.traceId, [root, child]);
    await traces.add([grandchild]);
    await timers.pass(6_000);
    assert.deepEqual(shown, ["child", "root child"]);
  });

  test("a trace is shown again when only the root arrives late, with the spans shown before", async () => {
    const traces = collector();
    await traces.add([child]);
    await timers.pass(6_000);
    held.set(root.traceId, [root, child]);
    await traces.add([root]);
    await timers.pass(300);
    assert.deepEqual(shown, ["child", "root child"]);
  });

  test("a trace is shown before later traces when too many spans wait", async () => {
    const traces = collector({ maxSpans: 3 });
    await traces.add([child, grandchild]);
    await traces.add([apiSpan({ id: "1", trace: "b", parent: "9", name: "second" })]);
    await traces.add([apiSpan({ id: "1", trace: "c", parent: "9", name: "third" })]);
    await settled();
    assert.deepEqual(shown, ["child grandchild"]);
    await traces.flush();
    assert.deepEqual(shown, ["child grandchild", "second", "third"]);
    assert.equal(timers.waiting, 0);
  });
});

describe("with a filter the whole trace is loaded", () => {
  test("with a filter the whole trace is loaded and shown when it looks complete", async () => {
    const traces = collector({ isFiltered: true });
    held.set(child.traceId, [root, child]);
    await traces.add([child]);
    await timers.pass(300);
    assert.deepEqual([shown, loads], [["root child"], 1]);
  });

  test("with a filter the whole trace is loaded and shown after 6 s when it does not look complete", async () => {
    const traces = collector({ isFiltered: true });
    held.set(child.traceId, [child]);
    await traces.add([child]);
    await timers.pass(5_999);
    assert.deepEqual([shown, loads], [[], 1]);
    held.set(child.traceId, [child, grandchild]);
    await timers.pass(1);
    assert.deepEqual([shown, loads], [["child grandchild"], 2]);
  });

  test("with a filter the whole trace is loaded again when it grew meanwhile", async () => {
    const asked = Promise.withResolvers<readonly Span[]>();
    const traces = collector({
      isFiltered: true,
      load: () => (++loads === 1 ? asked.promise : Promise.resolve([root, child, grandchild])),
    });
    await traces.add([root]);
    await timers.pass(300);
    await traces.add([child]);
    asked.resolve([root]);
    await settled();
    assert.deepEqual(shown, []);
    await timers.pass(300);
    assert.deepEqual(shown, ["root child grandchild"]);
  });
});

test("adding spans to a tail waits when showing traces is slower", async () => {
  const gate = Promise.withResolvers<void>();
  const traces = collector({ maxSpans: 1, show: () => gate.promise });
  await traces.add([root]);
  let added = false;
  const adding = traces.add([child, grandchild]).then(() => {
    added = true;
  });
  await settled();
  assert.equal(added, false);
  gate.resolve();
  await adding;
  assert.equal(added, true);
});

test("an error that keeps a trace from being shown is reported", async () => {
  const traces = collector({ show: () => Promise.reject(new Error("no terminal")) });
  await traces.add([root]);
  await timers.pass(300);
  await assert.rejects(traces.failed, /no terminal/);
  await assert.rejects(traces.flush(), /no terminal/);
});
