import assert from "node:assert/strict";
import { once } from "node:events";
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { constants } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { type Signal, signals } from "../../src/domain/signal.ts";
import { writeJsonRequest } from "../../src/otlp/json/write-request.ts";
import { encode, requestOf, spansOf } from "../contract/store-requests.ts";
import { runHere, startOnTerminal, startPiped } from "../support/cli.ts";
import { send, sendAll } from "../support/ingest.ts";
import { query, startObsvty } from "../support/obsvty.ts";
import { testFolder } from "../support/test-folder.ts";

async function startFilled(t: TestContext) {
  const server = await startObsvty(t);
  const lines: string[] = [];
  for (const signal of signals) {
    for (let seed = 1; seed <= 2; seed++) {
      const request = requestOf(signal, 3, { seed });
      send(server, signal, request);
      lines.push(lineOf(signal, encode(signal, request)));
    }
  }
  return { server, lines };
}

const lineOf = (signal: Signal, bytes: Uint8Array) => `${writeJsonRequest(signal, bytes)}\n`;

describe("obsvty export", () => {
  test("obsvty export writes what is held, a request a line, in the order of signals", async (t) => {
    const { server, lines } = await startFilled(t);
    assert.deepEqual(await runHere(server, ["export"]), { code: 0, stdout: lines.join(""), stderr: "" });
  });

  for (const [i, what] of ["traces", "logs", "metrics", "profiles"].entries()) {
    test(`obsvty export ${what} writes these alone`, async (t) => {
      const { server, lines } = await startFilled(t);
      const { code, stdout } = await runHere(server, ["export", what]);
      assert.deepEqual([code, stdout], [0, lines.slice(2 * i, 2 * i + 2).join("")]);
    });
  }

  test("obsvty export --output makes a file for its owner alone, and leaves the permissions of one that is there", async (t) => {
    const { server } = await startFilled(t);
    const folder = testFolder(t);
    const [fresh, shared, link] = ["fresh", "shared", "link"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(shared, "before");
    chmodSync(shared, 0o644);
    symlinkSync(shared, link);
    for (const path of [fresh, link]) {
      assert.equal((await runHere(server, ["export", "-o", path])).code, 0);
    }
    assert.deepEqual(
      [fresh, shared].map((path) => statSync(path).mode & 0o777),
      [0o600, 0o644],
    );
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(readFileSync(shared, "utf8"), readFileSync(fresh, "utf8"));
    assert.deepEqual(readdirSync(folder).sort(), ["fresh", "link", "shared"]);
  });

  test("obsvty export --output - writes to stdout", async (t) => {
    const { server, lines } = await startFilled(t);
    const { code, stdout } = await runHere(server, ["export", "--output", "-"]);
    assert.deepEqual([code, stdout], [0, lines.join("")]);
  });

  test("obsvty export --output writes into what is no regular file", async (t) => {
    const { server } = await startFilled(t);
    assert.equal((await runHere(server, ["export", "-o", "/dev/null"])).code, 0);
    assert.ok(statSync("/dev/null").isCharacterDevice());
  });

  for (const name of ["SIGINT", "SIGTERM"] as const) {
    test(`obsvty export --output leaves the file as it was when ${name} interrupts it`, async (t) => {
      const folder = testFolder(t);
      const path = join(folder, "out.json");
      writeFileSync(path, "before");
      // It begins an answer that has no end.
      const silent = createServer((_request, response) => void response.writeHead(200).flushHeaders());
      silent.listen(0, "127.0.0.1");
      await once(silent, "listening");
      t.after(() => silent.close().closeAllConnections());
      const { port } = silent.address() as AddressInfo;
      const called = once(silent, "request");
      const { child, ended } = startPiped(t, { url: `http://127.0.0.1:${port}` }, ["export", "-o", path]);
      await called;
      assert.equal(readdirSync(folder).length, 2);
      child.kill(name);
      const { code, stderr } = await ended;
      assert.deepEqual(
        [code, stderr],
        [128 + constants.signals[name], `obsvty: interrupted: ${path} is not written\n`],
      );
      assert.deepEqual(readdirSync(folder), ["out.json"]);
      assert.equal(readFileSync(path, "utf8"), "before");
    });
  }

  test("obsvty export --output leaves no file when the server fails", async (t) => {
    const folder = testFolder(t);
    const { code } = await runHere({ url: "http://127.0.0.1:1" }, ["export", "-o", join(folder, "out.json")]);
    assert.equal(code, 1);
    assert.deepEqual(readdirSync(folder), []);
  });

  test("obsvty export with a filter writes the items that match", async (t) => {
    const { server } = await startFilled(t);
    const { code, stdout } = await runHere(server, ["export", "traces", "--name", "span 1"]);
    assert.equal(code, 0);
    assert.equal(stdout.match(/\n/g)?.length, 1);
    const names = [...stdout.matchAll(/"name":"(span \d)"/g)].map(([, name]) => name);
    assert.deepEqual(names, ["span 1", "span 1"]);
  });

  test("obsvty export --output writes the file in place of what it held, and says what it wrote", async (t) => {
    const { server, lines } = await startFilled(t);
    const path = join(testFolder(t), "out.json");
    writeFileSync(path, "before");
    const { code, stdout, stderr } = await runHere(server, ["export", "-o", path]);
    assert.deepEqual([code, stdout], [0, ""]);
    assert.equal(readFileSync(path, "utf8"), lines.join(""));
    assert.equal(stderr, `obsvty: wrote 6 spans, 6 log records, 6 data points, 6 profiles to ${path}\n`);
  });

  test("obsvty export --format proto writes each request behind its length", async (t) => {
    const server = await startObsvty(t);
    const requests = [1, 2].map((seed) => spansOf(2, { seed }));
    for (const request of requests) send(server, "traces", request);
    const path = join(testFolder(t), "out.pb");
    const { code } = await runHere(server, ["export", "traces", "--format", "proto", "--output", path]);
    assert.equal(code, 0);
    const expected = requests.flatMap((request) => {
      const bytes = encode("traces", request);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.byteLength);
      return [length, bytes];
    });
    assert.deepEqual(readFileSync(path), Buffer.concat(expected));
  });

  test("obsvty export ends with 1 when items that were asked for have been evicted", async (t) => {
    const server = await startObsvty(t, { settings: { MAX_BUFFER_SIZE: "5" } });
    send(server, "traces", spansOf(1));
    const { cursor } = await query(server, "GetStats");
    send(server, "traces", spansOf(5, { seed: 2 }));
    send(server, "traces", spansOf(3, { seed: 3 }));
    const { code, stdout, stderr } = await runHere(server, ["export", "traces", "--after", cursor]);
    assert.equal(code, 1);
    assert.equal(stderr, "obsvty: 3 spans evicted before they could be read and missed\n");
    assert.equal([...stdout.matchAll(/"spanId":/g)].length, 5);
  });

  test("obsvty export ends with 1 when the file cannot be written to the end, and says why", async (t) => {
    const { server } = await startFilled(t);
    const path = join(testFolder(t), "out.json");
    const handle = await open(path, "w");
    await handle.close();
    t.mock.method(Object.getPrototypeOf(handle), "writeFile", async () => {
      throw Object.assign(new Error("no luck"), { code: "ENOSPC" });
    });
    const { code, stderr } = await runHere(server, ["export", "-o", path]);
    assert.deepEqual([code, stderr], [1, `obsvty: ${path} cannot be written (ENOSPC)\n`]);
  });

  test("obsvty export ends well when its reader has enough", async (t) => {
    const { server } = await startFilled(t);
    const { child, ended } = startPiped(t, server, ["export"]);
    child.stdout?.destroy();
    const { code, stderr } = await ended;
    assert.deepEqual([code, stderr], [0, ""]);
  });

  test("obsvty export of nothing is empty, and no failure", async (t) => {
    const server = await startObsvty(t);
    assert.deepEqual(await runHere(server, ["export"]), { code: 0, stdout: "", stderr: "" });
  });

  for (const [args, line] of [
    [["export", "--format", "proto"], /^obsvty: --format: proto does not tell signals apart/],
    [
      ["export", "--output", "/nowhere/a.json"],
      /^obsvty: --output: "\/nowhere\/a.json" cannot be written \(ENOENT\)\n$/,
    ],
    [["export", "logs", "--name", "x"], /unknown option '--name'/],
    [["export", "traces", "--trace-id", "x"], /^obsvty: --trace-id: /],
    [["export", "--after", "x"], /^obsvty: --after: not a cursor/],
    [["export", "everything"], /too many arguments|unknown command/],
  ] as const) {
    test(`obsvty ${args.join(" ")} is refused with exit code 2`, async (t) => {
      const server = await startObsvty(t);
      const { code, stderr } = await runHere(server, args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, line);
    });
  }

  test("obsvty export on a terminal shows control characters of the telemetry as escapes", async (t) => {
    const server = await startObsvty(t);
    send(server, "logs", requestOf("logs", 1, { resource: { odd: "a\u009b31m" } }));
    const { ended, screen } = startOnTerminal(t, server, ["export"]);
    assert.equal((await ended).exitCode, 0);
    assert.ok(screen().includes("a\\u009b31m") && !screen().includes("\u009b"), screen());
    assert.match(screen(), /wrote 1 log record/);
  });

  test("obsvty export streams megabytes to a reader", async (t) => {
    const server = await startObsvty(t);
    const lines: string[] = [];
    for (let seed = 1; seed <= 6; seed++) {
      const request = requestOf("logs", 2, { seed, resource: { padding: "x".repeat(1_500_000) } });
      await sendAll(server, "logs", request);
      lines.push(lineOf("logs", encode("logs", request)));
    }
    const { code, stdout } = await runHere(server, ["export"]);
    assert.equal(code, 0);
    assert.equal(stdout.length, lines.join("").length);
    assert.ok(stdout === lines.join(""));
  });
});
