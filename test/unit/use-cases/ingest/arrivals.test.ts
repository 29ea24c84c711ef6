import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Arrivals } from "../../../../src/use-cases/ingest/arrivals.ts";

describe("Arrivals", () => {
  it("an arrival wakes every reader that waits for the signal, once, and no reader of another signal", async () => {
    const arrivals = new Arrivals();
    const woken = [arrivals.next("logs"), arrivals.next("logs")];
    const other = new AbortController();
    const others = arrivals.next("traces", other.signal);
    assert.deepEqual([arrivals.waiting("logs"), arrivals.waiting("traces")], [2, 1]);
    arrivals.announce("logs");
    await Promise.all(woken);
    assert.deepEqual([arrivals.waiting("logs"), arrivals.waiting("traces")], [0, 1]);
    other.abort();
    await others;
  });

  it("a call that is aborted waits for no arrival, before or while it waits", async () => {
    const arrivals = new Arrivals();
    await arrivals.next("logs", AbortSignal.abort());
    const controller = new AbortController();
    const waiting = arrivals.next("logs", controller.signal);
    controller.abort();
    await waiting;
    assert.equal(arrivals.waiting("logs"), 0);
  });
});
