import assert from "node:assert/strict";
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import files, { open } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { FileSink, type FileSinkOptions } from "../../../../../src/adapters/outbound/file-sink/file-sink.ts";
import { writeJsonRequest } from "../../../../../src/otlp/json/write-request.ts";
import type { AcceptedRequest } from "../../../../../src/ports/telemetry-sink.ts";
import { encode, logsOf } from "../../../../contract/store-requests.ts";
import { testFolder } from "../../../../support/test-folder.ts";

const noAbort = new AbortController().signal;

function requestOf(seed: number, paddingBytes = 0): AcceptedRequest {
  const bytes = encode("logs", logsOf(2, { seed, resource: { padding: "x".repeat(paddingBytes) } }));
  return { firstOrdinal: 0, items: 2, bytes };
}

const lineOf = ({ bytes }: AcceptedRequest) => `${writeJsonRequest("logs", bytes)}\n`;
const textOf = (...requests: AcceptedRequest[]) => requests.map(lineOf).join("");

async function openSink(t: TestContext, options: Partial<FileSinkOptions> = {}) {
  const path = options.path ?? join(testFolder(t), "out.json");
  const torn: number[] = [];
  const sink = await FileSink.open({
    path,
    maxFileBytes: 2 ** 30,
    maxFiles: 5,
    onTorn: (bytes) => torn.push(bytes),
    ...options,
  });
  t.after(() => sink.close());
  return {
    sink,
    path,
    torn,
    deliver: (...requests: AcceptedRequest[]) => sink.deliver("logs", requests, noAbort),
  };
}

const read = (path: string) => readFileSync(path, "utf8");

/** Lets a method of file handles fail, at the call with this number from now on. */
async function failAt(
  t: TestContext,
  method: "write" | "truncate",
  call: number,
  code: string,
  partBytes = 0,
) {
  const handle = await open("/dev/null");
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  const real = prototype[method];
  let calls = 0;
  t.mock.method(prototype, method, async function (this: unknown, ...args: unknown[]) {
    if (++calls < call) return real.apply(this, args);
    if (partBytes > 0) await real.apply(this, [args[0], args[1], partBytes, args[3]]);
    throw Object.assign(new Error(`${code}: no luck`), { code });
  });
  return () => t.mock.restoreAll();
}

describe("the file sink", () => {
  test("the file sink writes each request as one line that the JSON writer makes of it", async (t) => {
    const { path, deliver } = await openSink(t);
    const requests = [requestOf(1), requestOf(2, 700_000), requestOf(3), requestOf(4)];
    assert.deepEqual(await deliver(...requests), { kind: "delivered" });
    assert.equal(read(path), textOf(...requests));
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test("the file sink goes on behind what an earlier start has written", async (t) => {
    const { path, deliver, sink } = await openSink(t);
    await deliver(requestOf(1));
    await sink.close();
    const again = await openSink(t, { path });
    await again.deliver(requestOf(2));
    assert.equal(read(path), textOf(requestOf(1), requestOf(2)));
    assert.deepEqual(again.torn, []);
  });

  for (const cut of [1, 20, 300, 70_000]) {
    test(`the file sink cuts off a last line of which ${cut} bytes are missing`, async (t) => {
      const path = join(testFolder(t), "out.json");
      const second = lineOf(requestOf(2, 200_000));
      const missing = cut === 1 ? 2 : cut;
      writeFileSync(path, lineOf(requestOf(1)) + second.slice(0, -missing));
      const { deliver, torn } = await openSink(t, { path });
      assert.equal(read(path), lineOf(requestOf(1)));
      assert.deepEqual(torn, [second.length - missing]);
      await deliver(requestOf(3));
      assert.equal(read(path), textOf(requestOf(1), requestOf(3)));
    });
  }

  test("the file sink empties a file that is nothing but a torn line", async (t) => {
    const path = join(testFolder(t), "out.json");
    writeFileSync(path, '{"resourceLogs":[{"reso');
    await openSink(t, { path });
    assert.equal(read(path), "");
  });

  test("the file sink ends a last line that lacks nothing but its newline", async (t) => {
    const path = join(testFolder(t), "out.json");
    writeFileSync(path, textOf(requestOf(1), requestOf(2)).trimEnd());
    const { torn } = await openSink(t, { path });
    assert.equal(read(path), textOf(requestOf(1), requestOf(2)));
    assert.deepEqual(torn, []);
  });

  for (const [what, text] of Object.entries({
    text: "buy milk",
    "JSON of its own": '{"name":"mine"}\n',
    "JSON over several lines": '{\n  "name": "mine",\n  "a": 1\n}',
    "a last line of something else": `${lineOf(requestOf(1))}buy milk`,
  })) {
    test(`the file sink does not open a file that holds ${what}, and leaves it as it is`, async (t) => {
      const path = join(testFolder(t), "notes.txt");
      writeFileSync(path, text);
      await assert.rejects(openSink(t, { path }), { message: "holds something else than OTLP/JSON lines" });
      assert.equal(read(path), text);
    });
  }

  test("the file sink does not open what is no file, or is in no folder", async (t) => {
    const folder = testFolder(t);
    await assert.rejects(openSink(t, { path: folder }), { message: "is not a regular file" });
    await assert.rejects(openSink(t, { path: join(folder, "none", "out.json") }), {
      message: "cannot be written (ENOENT)",
    });
  });

  for (const size of [0, 600_000]) {
    test(`a full disk in the middle of a line of ${size} bytes and more leaves no torn line`, async (t) => {
      const { path, deliver } = await openSink(t);
      await deliver(requestOf(1));
      const restore = await failAt(t, "write", size === 0 ? 1 : 2, "ENOSPC", 100);
      assert.deepEqual(await deliver(requestOf(2), requestOf(3, size)), { kind: "later", code: "ENOSPC" });
      assert.equal(read(path), lineOf(requestOf(1)));
      restore();
      assert.deepEqual(await deliver(requestOf(2), requestOf(3, size)), { kind: "delivered" });
      assert.equal(read(path), textOf(requestOf(1), requestOf(2), requestOf(3, size)));
    });
  }

  test("the file sink takes back before the next write what it could not take back when a write failed", async (t) => {
    const { path, deliver } = await openSink(t);
    await deliver(requestOf(1));
    await failAt(t, "write", 1, "EIO", 100);
    const restore = await failAt(t, "truncate", 1, "EIO");
    assert.deepEqual(await deliver(requestOf(2)), { kind: "later", code: "EIO" });
    assert.deepEqual(await deliver(requestOf(2)), { kind: "later", code: "EIO" });
    restore();
    assert.deepEqual(await deliver(requestOf(2)), { kind: "delivered" });
    assert.equal(read(path), textOf(requestOf(1), requestOf(2)));
  });

  test("a delivery to the file sink that is aborted in the middle leaves nothing behind", async (t) => {
    const { sink, path, deliver } = await openSink(t);
    const abort = new AbortController();
    const delivery = sink.deliver("logs", [requestOf(1), requestOf(2, 5_000_000)], abort.signal);
    while (!existsSync(path) || statSync(path).size === 0) await new Promise(setImmediate);
    abort.abort();
    assert.deepEqual(await delivery, { kind: "later", code: "aborted" });
    await deliver(requestOf(3));
    assert.equal(read(path), lineOf(requestOf(3)));
  });

  test("the file sink begins a file anew that was moved away", async (t) => {
    const { path, deliver } = await openSink(t);
    await deliver(requestOf(1));
    renameSync(path, `${path}.old`);
    await deliver(requestOf(2));
    assert.equal(read(path), lineOf(requestOf(2)));
    assert.equal(read(`${path}.old`), lineOf(requestOf(1)));
  });

  test("the file sink writes a file from its start that was emptied by somebody else", async (t) => {
    const { path, deliver } = await openSink(t);
    await deliver(requestOf(1));
    truncateSync(path);
    await deliver(requestOf(2));
    assert.equal(read(path), lineOf(requestOf(2)));
  });
});

describe("the rotation of the file sink", () => {
  /** The texts of the files, the oldest first. */
  function texts(path: string): string[] {
    const folder = join(path, "..");
    const rotated = readdirSync(folder).filter((name) => name !== "out.json" && name.startsWith("out-"));
    return [...rotated.sort(), "out.json"].map((name) => read(join(folder, name)));
  }

  test("the file sink puts a file aside that would grow beyond its bound, and tears or loses no line", async (t) => {
    const lines = Array.from({ length: 40 }, (_, i) => requestOf(i + 1, (i % 7) * 1_000));
    const longest = Math.max(...lines.map((line) => lineOf(line).length));
    const maxFileBytes = 3 * longest;
    const { path, deliver } = await openSink(t, { maxFileBytes, maxFiles: 100 });
    for (let i = 0; i < 40; i += 4) {
      assert.deepEqual(await deliver(...lines.slice(i, i + 4)), { kind: "delivered" });
    }
    const written = texts(path);
    assert.equal(written.join(""), textOf(...lines));
    for (const text of written)
      assert.ok(text.endsWith("\n") && text.length <= maxFileBytes, `${text.length}`);
    assert.ok(written.length > 5 && written.length < 30, `${written.length} files`);
    for (const name of readdirSync(join(path, ".."))) {
      assert.match(name, /^out(-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3})?\.json$/);
    }
  });

  test("the file sink makes a file of its own of a line that is longer than the bound of a file", async (t) => {
    const lines = [requestOf(1), requestOf(2, 900_000), requestOf(3), requestOf(4, 400_000)];
    const { path, deliver } = await openSink(t, { maxFileBytes: 65_536, maxFiles: 100 });
    assert.deepEqual(await deliver(...lines), { kind: "delivered" });
    assert.deepEqual(texts(path), lines.map(lineOf));
  });

  test("the file sink keeps only as many files as are allowed, and leaves files of other names", async (t) => {
    const { path, deliver } = await openSink(t, { maxFileBytes: 1, maxFiles: 3 });
    for (const name of ["out-put.json", "out-2026-11-26T00-00-00.000.txt", "other.json"]) {
      writeFileSync(join(path, "..", name), "");
    }
    for (let seed = 1; seed <= 8; seed++) await deliver(requestOf(seed));
    const own = readdirSync(join(path, "..")).filter((name) => /^out(-\d{4}.*)?\.json$/.test(name));
    assert.equal(own.length, 3);
    assert.deepEqual(
      own.sort().map((name) => read(join(path, "..", name))),
      [6, 7, 8].map((seed) => lineOf(requestOf(seed))),
    );
    assert.equal(readdirSync(join(path, "..")).length, 6);
  });

  test("a rotation of the file sink that fails loses nothing that is written", async (t) => {
    const { path, deliver } = await openSink(t, { maxFileBytes: 1 });
    await deliver(requestOf(1));
    const rename = t.mock.method(files, "rename", async () => {
      throw Object.assign(new Error("no luck"), { code: "EACCES" });
    });
    syncBuiltinESMExports();
    assert.deepEqual(await deliver(requestOf(2)), { kind: "later", code: "EACCES" });
    assert.deepEqual(await deliver(requestOf(2)), { kind: "later", code: "EACCES" });
    assert.deepEqual(texts(path), [lineOf(requestOf(1))]);
    rename.mock.restore();
    syncBuiltinESMExports();
    assert.deepEqual(await deliver(requestOf(2)), { kind: "delivered" });
    assert.deepEqual(texts(path), [lineOf(requestOf(1)), lineOf(requestOf(2))]);
  });
});
