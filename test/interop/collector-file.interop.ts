import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, type TestContext, test } from "node:test";
import { type Signal, signalTraits } from "../../src/domain/signal.ts";
import { encode, requestOf } from "../contract/store-requests.ts";
import { runHere } from "../support/cli.ts";
import { buildCollector, Collector } from "../support/collector.ts";
import { eventually, query, startObsvty, statsOf } from "../support/obsvty.ts";
import { testFolder } from "../support/test-folder.ts";
import { lacking } from "../support/tools.ts";

// What the Go Collector's file exporter writes, beside what obsvty writes and reads.

const skip = lacking("go");
if (skip === false) before(buildCollector, { timeout: 900_000 });

/** With a second receiver its pipelines take profiles, too. */
const withProfiles = { receiver: `  otlp/second: { protocols: { grpc: { endpoint: "127.0.0.1:0" } } }` };

async function post(url: string, signal: Signal, body: Uint8Array): Promise<void> {
  const reply = await fetch(`${url}${signalTraits[signal].httpPath}`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body: new Uint8Array(body),
  });
  assert.equal(reply.status, 200, await reply.text());
}

/** Sends requests to a Collector and to obsvty, one after another. Returns the lines that each wrote, sorted. */
async function linesOfBoth(t: TestContext, signal: Signal) {
  const requests = [1, 2, 3].map((seed) => encode(signal, requestOf(signal, 20, { seed })));
  const collector = await Collector.start(t, withProfiles);
  const path = join(testFolder(t), "out.json");
  const server = await startObsvty(t, { settings: { FORWARD_FILE: path } });
  for (const bytes of requests) {
    await post(`http://127.0.0.1:${collector.httpPort}`, signal, bytes);
    await post(server.url, signal, bytes);
  }
  await eventually("all is written", async () => {
    const { file } = (await query(server, "GetStats")).sinks;
    return (file.backlogItems === "0" && collector.written().length === requests.length) || undefined;
  });
  return {
    collectors: collector.written().sort(),
    ours: readFileSync(path, "utf8").split("\n").slice(0, -1).sort(),
  };
}

describe("a file of the Collector's file exporter", { skip }, () => {
  for (const signal of ["traces", "logs"] as const) {
    test(`a file of the Collector's exporter has the same lines of ${signal}, byte for byte, as one of obsvty`, async (t) => {
      const { collectors, ours } = await linesOfBoth(t, signal);
      assert.deepEqual(ours, collectors);
    });
  }

  test("a file of the Collector's exporter has the same lines of metrics as one of obsvty, but for the order of an exemplar's members", async (t) => {
    const { collectors, ours } = await linesOfBoth(t, "metrics");
    const parsed = (lines: readonly string[]) => lines.map((line) => JSON.parse(line));
    assert.deepEqual(parsed(ours), parsed(collectors));
  });

  test("a file of the Collector's exporter has profiles whose attributes the Collector has put into the dictionary, which obsvty reads too", async (t) => {
    const { collectors, ours } = await linesOfBoth(t, "profiles");
    assert.notDeepEqual(ours, collectors);
    const server = await startObsvty(t);
    const stdin = [...ours, ...collectors].map((line) => `${line}\n`).join("");
    const { code, stderr } = await runHere(server, ["replay", "-"], { stdin });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal((await statsOf(server)).profiles.items, 120);
  });

  test("a file of the Collector's exporter is sent by obsvty replay to a server and to another Collector, with every item", async (t) => {
    const [first, second] = [await Collector.start(t), await Collector.start(t)];
    for (const signal of ["traces", "logs", "metrics"] as const) {
      for (const seed of [1, 2]) {
        await post(
          `http://127.0.0.1:${first.httpPort}`,
          signal,
          encode(signal, requestOf(signal, 25, { seed })),
        );
      }
    }
    await eventually("all is written", () => first.written().length === 6 || undefined);
    const path = join(testFolder(t), "collectors.json");
    writeFileSync(
      path,
      first
        .written()
        .map((line) => `${line}\n`)
        .join(""),
    );
    const server = await startObsvty(t);
    assert.equal((await runHere(server, ["replay", path])).code, 0);
    const { traces, logs, metrics } = await statsOf(server);
    assert.deepEqual([traces.items, logs.items, metrics.items], [50, 50, 50]);
    for (const port of [second.grpcPort, second.httpPort]) {
      const args = ["replay", path, "--to", `http://127.0.0.1:${port}`];
      const protocol = port === second.httpPort ? ["--protocol", "http/protobuf"] : [];
      const { code, stderr } = await runHere(server, [...args, ...protocol]);
      assert.equal(code, 0, stderr);
    }
    assert.deepEqual(second.written().sort(), [...first.written(), ...first.written()].sort());
  });
});
