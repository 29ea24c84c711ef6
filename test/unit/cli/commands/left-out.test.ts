import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { createClient, createRouterTransport } from "@connectrpc/connect";
import { QueryService } from "../../../../gen/obsvty/v1/query_pb.ts";
import type { CommandContext } from "../../../../src/cli/commands/command-context.ts";
import { stats } from "../../../../src/cli/commands/figures/stats.ts";
import { search } from "../../../../src/cli/commands/items/search.ts";
import { tail } from "../../../../src/cli/commands/items/tail.ts";
import { trace } from "../../../../src/cli/commands/items/trace.ts";
import { wait } from "../../../../src/cli/commands/items/wait.ts";
import { Output } from "../../../../src/cli/output/output.ts";

const leftOut = { missed: 2n, unreadable: 1n };

/** A server that has evicted two items and cannot decode one. */
const transport = createRouterTransport(({ service }) => {
  service(QueryService, {
    searchSpans: () => leftOut,
    searchTraces: () => leftOut,
    searchLogs: () => leftOut,
    searchMetrics: () => leftOut,
    getTrace: ({ after }) => (after === "" ? { spans: [{ name: "root" }], cursor: "c", ...leftOut } : {}),
    waitFor: () => ({ matched: 2, spans: [{ name: "root" }], ...leftOut }),
    tail: async function* () {
      yield leftOut;
    },
    getStats: () => ({ signals: { traces: { unreadable: 1n } } }),
  });
});

/** Runs a command, and answers what it printed and what it said. */
async function run(
  command: (context: CommandContext) => Promise<number>,
  format: "json" | "text",
): Promise<{ readonly printed: string; readonly said: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const { signal: abort } = new AbortController();
  await command({
    server: { url: "http://localhost:4317", headers: {} },
    client: createClient(QueryService, transport),
    output: new Output({ stdout, stderr, env: {}, format, abort }),
    abort,
  });
  stdout.end();
  stderr.end();
  return { printed: await text(stdout), said: await text(stderr) };
}

describe("the command line says how many items the server evicted or could not decode:", () => {
  for (const [what, command, said] of [
    ["search spans", (context) => search("spans", {}, context), /left out 1 item that could not be decoded/],
    ["search traces", (context) => search("traces", {}, context), /left out 1 item that/],
    ["search logs", (context) => search("logs", {}, context), /left out 1 item that/],
    ["search metrics", (context) => search("metrics", {}, context), /left out 1 item that/],
    [
      "wait spans, of both of its answers",
      (context) => wait("spans", {}, context),
      /4 items evicted before they could be looked at\nobsvty: left out 2 items that could not be decoded/,
    ],
    ["tail logs", (context) => tail("logs", {}, context), /left out 1 log record that could not be decoded/],
    [
      "trace",
      (context) => trace("a".repeat(32), {}, context),
      /2 spans evicted meanwhile, perhaps of this trace\nobsvty: left out 1 span that could not be decoded/,
    ],
  ] as const satisfies readonly (readonly [string, (context: CommandContext) => Promise<number>, RegExp])[]) {
    for (const format of ["json", "text"] as const) {
      test(`${what} --${format} says how many items the server evicted or could not decode`, async () => {
        assert.match((await run(command, format)).said, said);
      });
    }
  }

  test("stats --text has a column for items that could not be decoded", async () => {
    assert.match((await run(stats, "text")).printed, /evicted {2}unreadable\n.* 1\n/);
  });
});
