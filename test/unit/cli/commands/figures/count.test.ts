import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { createClient, createRouterTransport } from "@connectrpc/connect";
import { QueryService } from "../../../../../gen/obsvty/v1/query_pb.ts";
import { count } from "../../../../../src/cli/commands/figures/count.ts";
import { Output } from "../../../../../src/cli/output/output.ts";

process.env.TZ = "UTC";

/** The times that a histogram of two steps shows, without the date. */
async function timesShown(stepNanos: number): Promise<string[]> {
  const startTime = { seconds: BigInt(Date.UTC(2026, 10, 23, 10) / 1_000), nanos: 2_000_000 };
  const step = { seconds: BigInt(Math.floor(stepNanos / 1e9)), nanos: stepNanos % 1e9 };
  const transport = createRouterTransport(({ service }) => {
    service(QueryService, { countOverTime: () => ({ startTime, step, groups: [{ counts: [1, 1] }] }) });
  });
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const { signal: abort } = new AbortController();
  await count(
    "spans",
    {},
    {
      server: { url: "http://localhost:4317", headers: {} },
      client: createClient(QueryService, transport),
      output: new Output({ stdout, stderr, env: {}, format: "text", abort }),
      abort,
    },
  );
  stdout.end();
  return [...(await text(stdout)).matchAll(/\d\d:\d\d:\d\d\.\d+/g)].map(([time]) => time);
}

describe("obsvty count shows times with the digits that tell its steps apart:", () => {
  for (const [what, stepNanos, shown] of [
    ["seconds", 15e9, ["10:00:00.002", "10:00:15.002"]],
    ["a millisecond", 1e6, ["10:00:00.002", "10:00:00.003"]],
    ["parts of a millisecond", 50_000, ["10:00:00.002000", "10:00:00.002050"]],
    ["parts of a microsecond", 20, ["10:00:00.002000000", "10:00:00.002000020"]],
  ] as const) {
    test(`obsvty count shows times with the digits that tell its steps apart: ${what}`, async () =>
      assert.deepEqual(await timesShown(stepNanos), shown));
  }
});
