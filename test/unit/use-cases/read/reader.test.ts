import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseTraceId } from "../../../../src/domain/ids.ts";
import { keep, logsOf, spansOf, spansWith } from "../../../contract/store-requests.ts";
import { buildReader, names } from "../../../support/reader.ts";
import { refusal } from "../../../support/refusal.ts";

describe("getTrace", () => {
  const traceId = parseTraceId("AA".repeat(16), "trace_id");
  const ofTrace = { traceId: new Uint8Array(16).fill(0xaa) };

  it("GetTrace answers all spans of a trace by start time", async () => {
    const { reader, store } = buildReader({ pace: { maxItems: 2 } });
    keep(store, "traces", spansOf(5));
    keep(
      store,
      "traces",
      spansWith(
        { ...ofTrace, name: "c", startTimeUnixNano: 3n },
        { ...ofTrace, name: "a", startTimeUnixNano: 1n },
        { name: "of another trace" },
        { ...ofTrace, name: "b1", startTimeUnixNano: 2n },
        { ...ofTrace, name: "b2", startTimeUnixNano: 2n },
      ),
    );
    assert.deepEqual(names(await reader.getTrace(traceId)), ["a", "b1", "b2", "c"]);
  });

  it("a trace of which nothing is held is not found", async () => {
    const { reader } = buildReader();
    await assert.rejects(
      reader.getTrace(traceId),
      refusal(`no span of trace ${"aa".repeat(16)} is held`, "not-found"),
    );
  });
});

describe("services, stats and clear", () => {
  it("services are listed by name", async () => {
    const { reader, store } = buildReader();
    keep(store, "traces", spansOf(2, { serviceName: "shop" }));
    keep(store, "logs", logsOf(1, { serviceName: "cart" }));
    assert.deepEqual((await reader.services()).services, [
      { name: "cart", items: { traces: 0, logs: 1, metrics: 0, profiles: 0 } },
      { name: "shop", items: { traces: 2, logs: 0, metrics: 0, profiles: 0 } },
    ]);
  });

  it("the stats count what is held, accepted, rejected, refused and evicted", () => {
    const { reader, send, counters } = buildReader({ maxItems: 3 });
    send("traces", spansOf(5));
    send("traces", spansWith({ traceId: new Uint8Array() }, {}));
    counters.refused("traces", "grpc", "not-the-message");
    counters.refused("traces", "http", "injected-fault");
    const { traces, logs } = reader.stats();
    assert.ok(traces.bytes > 0);
    const { lastAcceptedUnixMs = 0, ...counts } = traces;
    assert.ok(Math.abs(lastAcceptedUnixMs - Date.now()) < 60_000);
    assert.deepEqual(
      { ...counts, bytes: 0 },
      {
        items: 3,
        bytes: 0,
        evicted: 3,
        accepted: 6,
        rejected: 1,
        rejectedFor: new Map([["a trace id is not 16 bytes, or all zero", 1]]),
        refused: 1,
        refusedFor: new Map([["not-the-message", 1]]),
        unconfirmed: 0,
        injected: 1,
        unreadable: 0,
      },
    );
    assert.deepEqual(logs, {
      items: 0,
      bytes: 0,
      evicted: 0,
      accepted: 0,
      lastAcceptedUnixMs: undefined,
      rejected: 0,
      rejectedFor: new Map(),
      refused: 0,
      refusedFor: new Map(),
      unconfirmed: 0,
      injected: 0,
      unreadable: 0,
    });
  });

  it("a clear forgets what is held, and keeps the counts", () => {
    const { reader, send } = buildReader();
    send("traces", spansOf(5));
    send("logs", logsOf(2));
    assert.equal(reader.clear(), 7);
    assert.equal(reader.clear(), 0);
    assert.deepEqual([reader.stats().traces.items, reader.stats().traces.accepted], [0, 5]);
  });
});
