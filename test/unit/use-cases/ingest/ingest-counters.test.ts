import assert from "node:assert/strict";
import { test } from "node:test";
import { IngestCounters } from "../../../../src/use-cases/ingest/ingest-counters.ts";

const rejection = (reason: string, count = 1) => ({ reason, path: "resource_spans[0]", count });

test("rejected items are counted by what was wrong, whatever its number was, and over all ways in", () => {
  const counters = new IngestCounters();
  counters.kept("traces", "grpc", 2, [rejection("trace_id must be 16 bytes, got 3", 4)], 100);
  counters.kept(
    "traces",
    "http",
    1,
    [rejection("trace_id must be 16 bytes, got 7"), rejection("time_unix_nano must be set")],
    50,
  );
  const { accepted, rejected, rejectedFor } = counters.of("traces");
  assert.deepEqual([accepted, rejected], [3, 6]);
  assert.deepEqual(
    [...rejectedFor],
    [
      ["trace_id must be 16 bytes", 5],
      ["time_unix_nano must be set", 1],
    ],
  );
  assert.deepEqual([...counters.of("logs").rejectedFor], []);
});

test("rejected items of more than 64 kinds of faults are counted together", () => {
  const counters = new IngestCounters();
  for (let kind = 0; kind < 100; kind++) counters.kept("logs", "grpc", 0, [rejection(`fault ${kind}.`)], 1);
  const { rejected, rejectedFor } = counters.of("logs");
  assert.deepEqual([rejected, rejectedFor.size, rejectedFor.get("others")], [100, 65, 36]);
});

test("refused requests are counted by the code of the error, but for injected faults and unconfirmed ones", () => {
  const counters = new IngestCounters();
  for (const reason of ["too-large", "overloaded", "too-large", "injected-fault", "sink-refused"] as const) {
    counters.refused("metrics", "grpc", reason);
  }
  const { refused, refusedFor, injected, unconfirmed } = counters.of("metrics");
  assert.deepEqual([refused, injected, unconfirmed], [3, 1, 1]);
  assert.deepEqual(
    [...refusedFor],
    [
      ["too-large", 2],
      ["overloaded", 1],
    ],
  );
});

test("when items were last accepted is told for each signal, and not when all were rejected", () => {
  const counters = new IngestCounters();
  const before = Date.now();
  counters.kept("logs", "grpc", 1, [], 1);
  const { lastAcceptedUnixMs = 0 } = counters.of("logs");
  assert.ok(lastAcceptedUnixMs >= before && lastAcceptedUnixMs <= Date.now());
  counters.kept("traces", "grpc", 0, [rejection("time_unix_nano must be set")], 1);
  assert.equal(counters.of("traces").lastAcceptedUnixMs, undefined);
});
