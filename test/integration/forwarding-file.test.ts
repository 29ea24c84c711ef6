import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { signals } from "../../src/domain/signal.ts";
import { writeJsonRequest } from "../../src/otlp/json/write-request.ts";
import { encode, requestOf, spansOf } from "../contract/store-requests.ts";
import { runHere } from "../support/cli.ts";
import { eventually, query, startObsvty } from "../support/obsvty.ts";
import { postExport } from "../support/post-export.ts";
import { run, untilListening } from "../support/server-process.ts";
import { testFolder } from "../support/test-folder.ts";

const linesOf = (path: string) => readFileSync(path, "utf8").split("\n").slice(0, -1);

describe("a server that writes to a file", () => {
  test("a server writes what it accepts to a file, a request a line, with all signals in one", async (t) => {
    const path = join(testFolder(t), "out.json");
    const server = await startObsvty(t, { settings: { FORWARD_FILE: path } });
    const sent: string[] = [];
    for (const signal of signals) {
      for (let seed = 1; seed <= 3; seed++) {
        const bytes = encode(signal, requestOf(signal, 5, { seed }));
        assert.equal(await postExport(server, signal, bytes), 200);
        sent.push(writeJsonRequest(signal, bytes));
      }
    }
    const { sinks } = await eventually("all is delivered", async () => {
      const stats = await query(server, "GetStats");
      return stats.sinks.file.backlogItems === "0" ? stats : undefined;
    });
    assert.deepEqual([sinks.file.delivered, sinks.file.refused, sinks.file.state], ["60", "0", "ok"]);
    assert.deepEqual(linesOf(path).sort(), sent.sort());
  });

  test("Clear is refused with the name of a lossless sink, and obsvty clear says so", async (t) => {
    const settings = { FORWARD_FILE: join(testFolder(t), "out.json"), FORWARD_FILE_POLICY: "lossless" };
    const server = await startObsvty(t, { settings });
    assert.equal(await postExport(server, "logs", encode("logs", requestOf("logs", 5))), 200);
    const message = "nothing is cleared: what is held is promised to file (lossless)";
    await assert.rejects(query(server, "Clear"), (error: Error) => error.message.includes(message));
    const { code, stderr } = await runHere(server, ["clear"]);
    assert.deepEqual([code, stderr], [1, `obsvty: ${message}\n`]);
    assert.equal((await query(server, "SearchLogs")).logs.length, 5);
  });

  test("a server whose file cannot be written says so, and goes on when it can", async (t) => {
    const folder = join(testFolder(t), "logs");
    mkdirSync(folder);
    const server = await startObsvty(t, { settings: { FORWARD_FILE: join(folder, "out.json") } });
    rmSync(folder, { recursive: true });
    const bytes = encode("logs", requestOf("logs", 5));
    assert.equal(await postExport(server, "logs", bytes), 200);
    await eventually("the sink fails", async () => {
      const { file } = (await query(server, "GetStats")).sinks;
      return file.state === "failing" && file.lastFailure === "ENOENT" ? file : undefined;
    });
    mkdirSync(folder);
    await eventually("the sink has all", async () => {
      const { file } = (await query(server, "GetStats")).sinks;
      return file.delivered === "5" && file.state === "ok" ? file : undefined;
    });
    assert.deepEqual(linesOf(join(folder, "out.json")), [writeJsonRequest("logs", bytes)]);
  });

  test("every export that was acknowledged with confirmed is in the file after the server was killed", async (t) => {
    const path = join(testFolder(t), "out.json");
    const settings = { FORWARD_FILE: path, FORWARD_FILE_POLICY: "confirmed", RATE_LIMIT_MAX: "0" };
    const acknowledged = new Set<string>();
    let seed = 0;
    for (let round = 0; round < 2; round++) {
      const running = run(t, settings);
      const url = `http://${await untilListening(running)}`;
      let isAlive = true;
      const sender = async () => {
        while (isAlive) {
          const request = spansOf(20, { seed: ++seed });
          const spans = request.resourceSpans[0]!.scopeSpans[0]!.spans;
          const status = await postExport({ url }, "traces", encode("traces", request)).catch(() => 0);
          if (status !== 200) continue;
          for (const { spanId } of spans) acknowledged.add(Buffer.from(spanId).toString("hex"));
        }
      };
      const senders = Array.from({ length: 4 }, sender);
      const before = acknowledged.size;
      await eventually("spans are acknowledged", () => acknowledged.size > before + 1_000 || undefined);
      running.child.kill("SIGKILL");
      await once(running.child, "exit");
      isAlive = false;
      await Promise.all(senders);
    }
    // The third start mends what the kill has torn.
    const running = run(t, settings);
    await untilListening(running);
    const written = new Set<string>();
    for (const line of linesOf(path)) {
      JSON.parse(line);
      for (const [, id = ""] of line.matchAll(/"spanId":"([0-9a-f]{16})"/g)) written.add(id);
    }
    assert.deepEqual(
      [...acknowledged].filter((id) => !written.has(id)),
      [],
    );
  });

  for (const [what, path, line] of [
    [
      "in a folder that is not there",
      (f: string) => join(f, "none", "a.json"),
      /cannot be written \(ENOENT\)$/,
    ],
    ["that is a folder", (f: string) => f, /is not a regular file$/],
    [
      "that holds something else",
      (f: string) => join(f, "notes.txt"),
      /holds something else than OTLP\/JSON lines$/,
    ],
  ] as const) {
    test(`a file ${what} stops the start with one line that names the setting`, async (t) => {
      const folder = testFolder(t);
      writeFileSync(join(folder, "notes.txt"), "buy milk\n");
      const running = run(t, { FORWARD_FILE: path(folder) });
      assert.deepEqual(await running.ended, [1, null]);
      const output = running.output().trim();
      assert.match(output, /^obsvty: FORWARD_FILE: "/);
      assert.match(output, line);
      assert.ok(!output.includes("\n"));
    });
  }
});
