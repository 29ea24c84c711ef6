import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, type TestContext, test } from "node:test";
import { type FilePart, maxBytesWithoutRequest, maxPartBytes } from "../../src/cli/replay/file-requests.ts";
import { Sources } from "../../src/cli/replay/sources.ts";
import type { Signal } from "../../src/domain/signal.ts";
import { writeJsonRequest } from "../../src/otlp/json/write-request.ts";
import { countItems } from "../../src/otlp/request-items.ts";
import { encode, requestOf, spansOf } from "../contract/store-requests.ts";
import { runHere, startOnTerminal, startPiped } from "../support/cli.ts";
import { eventually, startObsvty, statsOf } from "../support/obsvty.ts";
import { OtlpUpstream } from "../support/otlp-upstream.ts";
import { testFolder } from "../support/test-folder.ts";

// What obsvty replay does with input that is not a file of requests.

const nowhere = { url: "http://127.0.0.1:1" };
const isPosix = process.platform !== "win32";

function pipeOf(t: TestContext): string {
  const path = join(testFolder(t), "pipe");
  execFileSync("mkfifo", [path]);
  return path;
}

async function partsOf(sources: Sources): Promise<FilePart[]> {
  const parts: FilePart[] = [];
  for await (const part of sources.parts()) parts.push(part);
  return parts;
}

const lineOf = (signal: Signal, count = 3) =>
  writeJsonRequest(signal, encode(signal, requestOf(signal, count)));

describe("Ctrl-C ends obsvty replay", { skip: !isPosix }, () => {
  for (const [what, args] of [
    ["lines", []],
    ["protobuf", ["--signal", "traces"]],
  ] as const) {
    test(`Ctrl-C ends obsvty replay of a pipe that nobody writes, while it looks for ${what}`, async (t) => {
      const { pty, shown, ended } = startOnTerminal(t, nowhere, ["replay", pipeOf(t), ...args]);
      await shown(/0 items/);
      pty.write("\x03");
      assert.equal((await ended).exitCode, 130);
    });
  }

  test("Ctrl-C ends obsvty replay of a terminal on which nobody types", async (t) => {
    const { pty, shown, ended } = startOnTerminal(t, nowhere, ["replay", "-"]);
    await shown(/0 items/);
    pty.write("\x03");
    assert.equal((await ended).exitCode, 130);
  });

  for (const name of ["SIGINT", "SIGTERM"] as const) {
    test(`${name} ends obsvty replay of stdin that stays open, with 128 and its number`, async (t) => {
      const server = await startObsvty(t);
      const { child, ended } = startPiped(t, server, ["replay", "-"]);
      child.stdin?.write(`${lineOf("traces")}\n${lineOf("logs").slice(0, 50)}`);
      await eventually(
        "the line is sent",
        async () => (await statsOf(server)).traces.items === 3 || undefined,
      );
      child.kill(name);
      const { code, stdout, stderr } = await ended;
      assert.deepEqual([code, stderr], [128 + constants.signals[name], ""]);
      // The answer may still be under way.
      const { sent, refused, unreadable } = JSON.parse(stdout);
      assert.deepEqual({ sent, refused, unreadable }, { sent: 3, refused: 0, unreadable: 0 });
    });
  }

  for (const args of [[], ["--signal", "traces"]]) {
    test(`SIGINT ends obsvty replay ${args.join(" ")} of input without an end`, async () => {
      const stop = new AbortController();
      const sources = new Sources({
        paths: ["/dev/zero"],
        stdin: Readable.from([]),
        signal: args.length === 0 ? undefined : "traces",
        abort: stop.signal,
        maxBytesWithoutRequest: Number.POSITIVE_INFINITY,
      });
      setImmediate(() => stop.abort());
      assert.ok((await partsOf(sources)).length <= 1);
    });
  }
});

describe("obsvty replay of input that holds no requests", { skip: !isPosix }, () => {
  for (const [args, message] of [
    [[], "no request in its first 512.0 MiB, so that the rest is not read"],
    [["--signal", "traces"], "begins with 1000 empty messages, so that this is no such file"],
  ] as const) {
    test(`obsvty replay ${args.join(" ")} of /dev/zero says that it holds no requests, and ends with 1`, async () => {
      const { code, stderr } = await runHere(nowhere, ["replay", "/dev/zero", ...args]);
      assert.equal(code, 1);
      assert.ok(stderr.endsWith(`obsvty: /dev/zero: ${message}\n`), stderr);
      assert.ok(stderr.split("\n").length <= 3, stderr);
    });
  }

  test("obsvty replay goes on with the next file after one that holds no requests", async () => {
    const stdin = Readable.from([Buffer.from(`${lineOf("traces")}\n`)]);
    const sources = new Sources({
      paths: ["/dev/zero", "-"],
      stdin,
      signal: undefined,
      abort: new AbortController().signal,
      maxBytesWithoutRequest: 2 ** 20,
    });
    const parts = await partsOf(sources);
    assert.deepEqual(
      parts.map(({ kind }) => kind),
      ["unreadable", "request"],
    );
  });

  test("obsvty replay reads a pipe that somebody writes later, to its end", async (t) => {
    const server = await startObsvty(t);
    const path = pipeOf(t);
    const { screen, shown, ended } = startOnTerminal(t, server, ["replay", path]);
    await shown(/0 items/);
    execFileSync("sh", ["-c", 'cat > "$1"', "sh", path], { input: `${lineOf("traces")}\n` });
    assert.equal((await ended).exitCode, 0);
    assert.match(screen(), /sent 3 items in 1 request: 3 accepted/);
  });

  test("obsvty replay --retime refuses a pipe, which it could read only once", async (t) => {
    const { code, stderr } = await runHere(nowhere, ["replay", pipeOf(t), "--retime", "now"]);
    assert.equal(code, 2);
    assert.match(stderr, /^obsvty: --retime: needs to read the files twice, .* nor a pipe\n$/);
  });

  test("obsvty replay reads more bytes without a request than the longest request has", () => {
    assert.ok(maxBytesWithoutRequest > maxPartBytes);
  });
});

describe("obsvty replay of protobuf that is damaged within its messages", () => {
  const prefixed = (...messages: readonly Uint8Array[]) =>
    Buffer.concat(
      messages.flatMap((bytes) => [Buffer.of(0, 0, bytes.byteLength >> 8, bytes.byteLength), bytes]),
    );
  const sound = encode("traces", requestOf("traces", 3));

  for (const [what, bytes, fault] of [
    ["a torn message", sound.subarray(0, -7), /damaged at byte \d+$/],
    ["text", Buffer.from("hello, world"), /damaged at byte \d+$/],
    ["fields of something else", Buffer.of(0x28, 1), /no request of traces in protobuf$/],
  ] as const) {
    test(`obsvty replay tells ${what} in a file of protobuf by message and byte, and ends with 1`, async (t) => {
      const server = await startObsvty(t);
      async function* stdin() {
        yield prefixed(sound, bytes, sound);
      }
      const { code, stdout, stderr } = await runHere(server, ["replay", "-", "--signal", "traces"], {
        stdin: stdin(),
      });
      const { sent, accepted, unreadable } = JSON.parse(stdout);
      assert.deepEqual(
        { code, sent, accepted, unreadable },
        { code: 1, sent: 6, accepted: 6, unreadable: 1 },
      );
      const [line = "", ...rest] = stderr.split("\n");
      assert.deepEqual(rest, [""]);
      assert.ok(
        line.startsWith(`obsvty: stdin: message 2 at byte ${sound.byteLength + 4}: no request of traces`),
        line,
      );
      assert.match(line, fault);
    });
  }
});

describe("obsvty replay to an endpoint that finds requests too large", () => {
  for (const [protocol, refusal] of [
    ["http/protobuf", { httpStatus: 413 }],
    ["grpc", { grpcStatus: 8 }],
  ] as const) {
    test(`obsvty replay sends a request over ${protocol} in parts that the endpoint takes, and counts their items`, async (t) => {
      const upstream = await new OtlpUpstream(t, protocol).start();
      const request = encode("traces", requestOf("traces", 40));
      const most = request.byteLength / 3;
      upstream.answer = ({ bytes }) => (bytes.byteLength > most ? refusal : {});
      const stdin = `${writeJsonRequest("traces", request)}\n`;
      const { code, stdout, stderr } = await runHere(
        nowhere,
        ["replay", "-", "--to", upstream.url.href, "--protocol", protocol],
        { stdin },
      );
      assert.deepEqual([code, stderr], [0, ""]);
      assert.deepEqual(JSON.parse(stdout), {
        requests: 1,
        sent: 40,
        accepted: 40,
        refused: 0,
        leftOut: 0,
        unreadable: 0,
      });
      assert.equal(
        upstream.takenBytes("traces").reduce((sum, bytes) => sum + countItems("traces", bytes), 0),
        40,
      );
    });
  }

  test("obsvty replay counts an item that is too large by itself as refused, and the others as accepted", async (t) => {
    const upstream = await new OtlpUpstream(t, "http/protobuf").start();
    const request = spansOf(8);
    request.resourceSpans[0]!.scopeSpans[0]!.spans[3]!.name = "x".repeat(5_000);
    upstream.answer = ({ bytes }) => (bytes.byteLength > 5_000 ? { httpStatus: 413 } : {});
    const { code, stdout, stderr } = await runHere(
      nowhere,
      ["replay", "-", "--to", upstream.url.href, "--protocol", "http/protobuf"],
      { stdin: `${writeJsonRequest("traces", encode("traces", request))}\n` },
    );
    const { sent, accepted, refused } = JSON.parse(stdout);
    assert.deepEqual({ code, sent, accepted, refused }, { code: 1, sent: 8, accepted: 7, refused: 1 });
    assert.equal(stderr, "obsvty: stdin:1: 1 refused\n");
  });
});

describe("obsvty replay of JSON over many lines", () => {
  const pretty = (signal: Signal) => `${JSON.stringify(JSON.parse(lineOf(signal)), null, 2)}\n`;

  test("obsvty replay sends requests that a formatter has broken into lines", async (t) => {
    const server = await startObsvty(t);
    const stdin = `${pretty("traces")}${pretty("logs")}${lineOf("metrics")}\n${pretty("profiles").trimEnd()}`;
    const { code, stdout, stderr } = await runHere(server, ["replay", "-"], { stdin });
    assert.deepEqual([code, stderr, JSON.parse(stdout).accepted], [0, "", 12]);
    const { stdout: exported } = await runHere(server, ["export", "traces"]);
    assert.equal(exported, `${lineOf("traces")}\n`);
  });

  test("obsvty replay says in text how many lines it could not read", async () => {
    for (const [stdin, said] of [
      ["x\n", "1 line or message not readable"],
      ["x\ny\n", "2 lines or messages not readable"],
    ] as const) {
      const { stdout } = await runHere(nowhere, ["replay", "-", "--text"], { stdin });
      assert.equal(stdout, `sent 0 items in 0 requests: 0 accepted, 0 refused, ${said}\n`);
    }
  });

  test("obsvty replay tells a file of other JSON once, whatever lines it has", async () => {
    for (const [stdin, line] of [
      [JSON.stringify({ name: "x", version: { a: [1, 2] } }, null, 2), "no request in OTLP/JSON"],
      [
        `[\n${pretty("traces")}]\n`,
        "no request in OTLP/JSON: an array; jq -c '.[]' makes lines of what is in it",
      ],
      [
        pretty("traces").slice(0, 200),
        "not JSON at position 201 (the file ends with it, without a newline: it may be torn)",
      ],
    ] as const) {
      const { code, stderr } = await runHere(nowhere, ["replay", "-"], { stdin: `${stdin}\n` });
      assert.deepEqual([code, stderr], [1, `obsvty: stdin:1: ${line}\n`]);
    }
  });
});
