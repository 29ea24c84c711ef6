import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, type TestContext, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { type Signal, signals } from "../../src/domain/signal.ts";
import { writeJsonRequest } from "../../src/otlp/json/write-request.ts";
import { timesOf } from "../../src/otlp/request-times.ts";
import { encode, requestOf, spansOf } from "../contract/store-requests.ts";
import { runHere, startOnTerminal, startPiped } from "../support/cli.ts";
import { faultService } from "../support/fault-service.ts";
import { eventually, startObsvty, statsOf } from "../support/obsvty.ts";
import { OtlpUpstream } from "../support/otlp-upstream.ts";
import { run, untilListening } from "../support/server-process.ts";
import { testFolder } from "../support/test-folder.ts";

const nowhere = { url: "http://127.0.0.1:1" };

function fileOf(t: TestContext, content: string | Uint8Array, name = "out.json"): string {
  const path = join(testFolder(t), name);
  writeFileSync(path, content);
  return path;
}

/** Requests of all signals, `count` items each, as lines. */
function linesOf(count: number, seed = 1): string[] {
  return signals.map(
    (signal) => `${writeJsonRequest(signal, encode(signal, requestOf(signal, count, { seed })))}\n`,
  );
}

function prefixed(...requests: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    requests.flatMap((bytes) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.byteLength);
      return [length, bytes];
    }),
  );
}

const spanBytes = (count: number, seed = 1) => encode("traces", spansOf(count, { seed }));
const result = (text: string) => JSON.parse(text) as Record<string, number>;

describe("obsvty replay", () => {
  test("obsvty replay sends lines of OTLP/JSON to the server, and what is held then is the same", async (t) => {
    const server = await startObsvty(t);
    const lines = [...linesOf(5), ...linesOf(3, 2)];
    const { code, stdout, stderr } = await runHere(server, ["replay", fileOf(t, lines.join(""))]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(result(stdout), {
      requests: 8,
      sent: 32,
      accepted: 32,
      refused: 0,
      leftOut: 0,
      unreadable: 0,
    });
    const exported = await runHere(server, ["export"]);
    assert.deepEqual(exported.stdout.split("\n").sort(), lines.join("").split("\n").sort());
  });

  test("obsvty replay reads several files, and stdin as -", async (t) => {
    const server = await startObsvty(t);
    const [first, second] = [fileOf(t, linesOf(2).join("")), fileOf(t, linesOf(2, 2).join(""))];
    const stdin = linesOf(2, 3).join("");
    const { code, stdout } = await runHere(server, ["replay", first, "-", second], { stdin });
    assert.equal(code, 0);
    assert.equal(result(stdout).accepted, 24);
    assert.equal((await statsOf(server)).traces.items, 6);
  });

  test("obsvty replay reads files of gzip and zstd, whatever they are called, and stdin", async (t) => {
    const server = await startObsvty(t);
    const gzip = fileOf(t, gzipSync(linesOf(2).join("")), "out.json.gz");
    const zstd = fileOf(t, zstdCompressSync(linesOf(2, 2).join("")));
    const stdin = Readable.from([gzipSync(linesOf(2, 3).join(""))]);
    const { code, stdout, stderr } = await runHere(server, ["replay", gzip, "-", zstd], { stdin });
    assert.deepEqual([code, stderr, result(stdout).accepted], [0, "", 24]);
    const protobuf = fileOf(t, gzipSync(prefixed(spanBytes(2, 4), spanBytes(3, 5))), "traces.gz");
    const proto = await runHere(server, ["replay", protobuf, "--signal", "traces", "--retime", "now"]);
    assert.deepEqual([proto.code, proto.stderr, result(proto.stdout).accepted], [0, "", 5]);
  });

  test("obsvty replay sends what stands before the damage of a compressed file, and goes on", async (t) => {
    const server = await startObsvty(t);
    const lines = Array.from({ length: 200 }, (_, i) => linesOf(2, i + 1)).flat();
    const cut = fileOf(t, gzipSync(lines.join("")).subarray(0, -1_000), "cut.json.gz");
    const other = fileOf(t, linesOf(2, 999).join(""));
    const { code, stdout, stderr } = await runHere(server, ["replay", cut, other]);
    assert.equal(code, 1);
    assert.equal(stderr, `obsvty: ${cut}: its gzip ends in the middle: it is not whole\n`);
    const { accepted, unreadable } = result(stdout);
    assert.ok(accepted! > 800 && accepted! < 1_608, `${accepted}`);
    assert.equal(unreadable, 1);
  });

  test("obsvty replay tells bad and torn lines with file and number, and loses nothing else", async (t) => {
    const server = await startObsvty(t);
    const [traces = "", logs = "", metrics = ""] = linesOf(2);
    const badId = traces.replace(/"spanId":"[0-9a-f]{16}"/, '"spanId":"xyz"');
    const path = fileOf(
      t,
      [
        traces,
        "\n",
        '{"a":1}\n',
        "buy milk\n",
        "{}\n",
        badId,
        logs.slice(0, 100),
        "\n",
        metrics,
        logs.slice(0, -9),
      ].join(""),
    );
    const { code, stdout, stderr } = await runHere(server, ["replay", path]);
    assert.equal(code, 1);
    assert.deepEqual(result(stdout), {
      requests: 3,
      sent: 5,
      accepted: 5,
      refused: 0,
      leftOut: 1,
      unreadable: 4,
    });
    const told = stderr.split("\n").map((line) => line.replace(`obsvty: ${path}:`, ""));
    assert.equal(told.length, 6, stderr);
    assert.match(told[0]!, /^3: no request in OTLP\/JSON$/);
    assert.match(told[1]!, /^4: no request in OTLP\/JSON$/);
    assert.match(told[2]!, /^6: 1 span rejected: .*span_id/);
    assert.match(told[3]!, /^7: not JSON at position \d+/);
    assert.match(told[4]!, /^9: not JSON at position \d+.*may be torn\)$/);
  });

  test("obsvty replay tells twenty faults one by one, and counts the others", async (t) => {
    const server = await startObsvty(t);
    const { stderr } = await runHere(server, ["replay", fileOf(t, "x\n".repeat(50))]);
    assert.equal(stderr.match(/no request in OTLP\/JSON/g)?.length, 20);
    assert.match(stderr, /obsvty: 30 more faults like these are not shown\n$/);
  });

  for (const protocol of ["grpc", "http/protobuf"] as const) {
    test(`obsvty replay --to sends protobuf byte for byte over ${protocol}`, async (t) => {
      const upstream = await new OtlpUpstream(t, protocol).start();
      const requests = [spanBytes(3), spanBytes(2, 2)];
      const path = fileOf(t, prefixed(...requests), "out.pb");
      const args = ["replay", path, "--signal", "traces", "--to", upstream.url.href, "--protocol", protocol];
      const { code, stdout } = await runHere(nowhere, args, {
        env: { OTEL_EXPORTER_OTLP_HEADERS: "x-team=a%20b", INGEST_TOKEN: "s3cret", API_TOKEN: "s3cret" },
      });
      assert.deepEqual([code, result(stdout).accepted], [0, 5]);
      const taken = upstream.takenBytes("traces").map((bytes) => Buffer.from(bytes).toString("hex"));
      assert.deepEqual(taken.sort(), requests.map((bytes) => Buffer.from(bytes).toString("hex")).sort());
      for (const { headers } of upstream.received) {
        assert.equal(headers["x-team"], "a b");
        assert.equal(headers.authorization, undefined);
      }
    });
  }

  test("obsvty replay tells a torn and a damaged message of protobuf", async (t) => {
    const server = await startObsvty(t);
    const whole = prefixed(spanBytes(3));
    for (const [content, reason] of [
      [
        Buffer.concat([whole, prefixed(spanBytes(2)).subarray(0, -5)]),
        /message 2 at byte \d+: torn: \d+ of \d+ bytes/,
      ],
      [
        Buffer.concat([whole, Buffer.from([0, 0])]),
        /message 2 at byte \d+: torn: the file ends in its length/,
      ],
      [Buffer.concat([whole, Buffer.from("{}{}{}")]), /message 2 at byte \d+: its length is \d+, so that/],
    ] as const) {
      const { code, stdout, stderr } = await runHere(server, [
        "replay",
        fileOf(t, content),
        "--signal",
        "traces",
      ]);
      assert.equal(code, 1);
      assert.deepEqual([result(stdout).accepted, result(stdout).unreadable], [3, 1]);
      assert.match(stderr, reason);
    }
  });

  test("obsvty replay ends with 1 when the endpoint refuses items, and says where they stand", async (t) => {
    const upstream = await new OtlpUpstream(t, "grpc").start();
    upstream.answer = ({ signal }) =>
      signal === "logs" ? { grpcStatus: 3 } : signal === "metrics" ? { rejected: 2 } : {};
    const path = fileOf(t, linesOf(5).join(""));
    const { code, stdout, stderr } = await runHere(nowhere, ["replay", path, "--to", upstream.url.href]);
    assert.equal(code, 1);
    assert.deepEqual([result(stdout).sent, result(stdout).accepted, result(stdout).refused], [20, 13, 7]);
    assert.match(stderr, /out\.json:2: 5 refused \(INVALID_ARGUMENT\)\n/);
    assert.match(stderr, /out\.json:3: 2 refused\n/);
    assert.ok(!stderr.includes("s3cret"));
  });

  test("obsvty replay obeys a server that throttles it, and loses nothing", async (t) => {
    const server = await startObsvty(t, { settings: { RATE_LIMIT_MAX: "10", RATE_LIMIT_WINDOW_MS: "200" } });
    const requests = Array.from({ length: 60 }, (_, i) => spanBytes(2, i + 1));
    const path = fileOf(t, prefixed(...requests));
    const { code, stdout } = await runHere(server, ["replay", path, "--signal", "traces"]);
    assert.deepEqual([code, result(stdout).accepted], [0, 120]);
  });

  test("obsvty replay sends INGEST_TOKEN, and says so when it is refused", async (t) => {
    const server = await startObsvty(t, { settings: { INGEST_TOKEN: "let-me-in" } });
    const path = fileOf(t, linesOf(2).join(""));
    const refused = await runHere(server, ["replay", path]);
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /refuses this client \(UNAUTHENTICATED\); INGEST_TOKEN in the environment is sent\n$/,
    );
    const taken = await runHere(server, ["replay", path], { env: { INGEST_TOKEN: "let-me-in" } });
    assert.equal(taken.code, 0);
  });

  test("obsvty replay stops at once when nothing answers", async (t) => {
    const path = fileOf(t, linesOf(2).join(""));
    const { code, stderr, stdout } = await runHere(nowhere, ["replay", path]);
    assert.equal(code, 1);
    assert.match(stderr, /^obsvty: nothing answers at http:\/\/127\.0\.0\.1:1: start a server with "obsvty"/);
    assert.equal(result(stdout).accepted, 0);
    const to = await runHere(nowhere, ["replay", path, "--to", "http://127.0.0.1:1"]);
    assert.match(to.stderr, /^obsvty: nothing answers at http:\/\/127\.0\.0\.1:1\n/);
  });

  test("obsvty replay goes on when its first connection is reset", async (t) => {
    // A process of its own, so that requests are under way when the connection is reset.
    const address = await untilListening(run(t, { FAULT_INJECTION: "true" }));
    const server = { url: `http://${address}` };
    await faultService(server, "SetFaults", { rules: [{ times: 3, reset: true }] });
    const lines = Array.from({ length: 10 }, (_, i) => linesOf(5, i + 1)).flat();
    const { code, stdout, stderr } = await runHere(server, ["replay", fileOf(t, lines.join(""))]);
    assert.deepEqual([code, stderr, result(stdout).accepted], [0, "", 200]);
  });

  test("obsvty replay gives up an endpoint that takes nothing for the timeout", async (t) => {
    const upstream = await new OtlpUpstream(t, "grpc").start();
    upstream.answer = () => ({ grpcStatus: 14 });
    const path = fileOf(t, linesOf(2).join(""));
    const args = ["replay", path, "--to", upstream.url.href, "--timeout", "300ms"];
    const { code, stderr } = await runHere(nowhere, args);
    assert.equal(code, 1);
    assert.match(stderr, /has taken nothing for 300 ms \(UNAVAILABLE\)\n/);
  });

  test("obsvty replay takes no page for an acceptance", async (t) => {
    const upstream = await new OtlpUpstream(t, "http/protobuf").start();
    upstream.answer = () => ({ headers: { "content-type": "text/html" }, rejected: 1 });
    const to = ["--to", upstream.url.href, "--protocol", "http/protobuf", "--timeout", "300ms"];
    const { code, stdout, stderr } = await runHere(nowhere, [
      "replay",
      fileOf(t, linesOf(2).join("")),
      ...to,
    ]);
    assert.deepEqual([code, result(stdout).accepted], [1, 0]);
    assert.match(stderr, /has taken nothing for 300 ms \(success without an Export response\)\n/);
  });

  test("obsvty replay waits for an endpoint that has gone away in the middle", async (t) => {
    const upstream = await new OtlpUpstream(t, "grpc").start();
    const requests = Array.from({ length: 40 }, (_, i) => spanBytes(1, i + 1));
    const path = fileOf(t, prefixed(...requests));
    upstream.answer = () => (upstream.received.length < 20 ? {} : { grpcStatus: 14 });
    const running = runHere(nowhere, ["replay", path, "--signal", "traces", "--to", upstream.url.href]);
    await eventually("it is refused", () => upstream.received.length > 20 || undefined);
    await upstream.stop();
    upstream.answer = () => ({});
    await upstream.start();
    const { code, stdout } = await running;
    assert.deepEqual([code, result(stdout).accepted], [0, 40]);
  });

  test("obsvty replay ends with 1 when a file cannot be read to the end, and says why", async (t) => {
    const server = await startObsvty(t);
    async function* stdin() {
      yield Buffer.from(linesOf(2).join(""));
      throw Object.assign(new Error("no luck"), { code: "EIO" });
    }
    const { code, stdout, stderr } = await runHere(server, ["replay", "-"], { stdin: stdin() });
    assert.deepEqual([code, stderr], [1, "obsvty: stdin cannot be read (EIO)\n"]);
    assert.equal(result(stdout).accepted, 8);
  });

  for (const [args, line] of [
    [["replay", "/nowhere/a.json"], /^obsvty: "\/nowhere\/a.json" cannot be read \(ENOENT\)\n$/],
    [["replay", "/"], /^obsvty: "\/" is a folder\n$/],
    [["replay", "-", "-"], /^obsvty: -: stdin can be read once\n$/],
    [["replay", "-", "--speed", "0"], /^obsvty: --speed: "0" is not allowed, it must be max, or a number/],
    [["replay", "-", "--retime", "never"], /^obsvty: --retime: "never" is not allowed, it must be now\n$/],
    [["replay", "-", "--retime", "now"], /^obsvty: --retime: .* takes neither stdin nor a pipe\n$/],
    [
      ["replay", "-", "--signal", "spans"],
      /^obsvty: --signal: "spans" is not allowed, it must be one of traces/,
    ],
    [["replay", "-", "--to", "h:1"], /^obsvty: --to: must be a URL/],
    [["replay", "-", "--to", "http://u:s3cret@h"], /^obsvty: --to: must be a URL/],
    [["replay"], /missing required argument/],
  ] as const) {
    test(`obsvty ${args.join(" ")} is refused with exit code 2`, async () => {
      const { code, stderr } = await runHere(nowhere, args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, line);
      assert.ok(!stderr.includes("s3cret"));
    });
  }
});

describe("the times of a replay", () => {
  const nanos = (ms: number) => BigInt(Math.round(ms)) * 1_000_000n;
  const startMs = Date.UTC(2020, 0, 1);

  /** Spans that ended this many milliseconds after a moment of the past. */
  function spansAt(...endsMs: number[]): Buffer {
    return prefixed(
      ...endsMs.map((ms) => {
        const request = spansOf(1);
        for (const { spans } of request.resourceSpans[0]!.scopeSpans) {
          for (const span of spans) {
            span.events = [];
            span.startTimeUnixNano = nanos(startMs + ms - 5);
            span.endTimeUnixNano = nanos(startMs + ms);
          }
        }
        return encode("traces", request);
      }),
    );
  }

  async function replayed(t: TestContext, content: Buffer, ...flags: string[]) {
    const upstream = await new OtlpUpstream(t, "grpc").start();
    const atMs: number[] = [];
    upstream.answer = () => {
      atMs.push(performance.now());
      return {};
    };
    const beforeMs = Date.now();
    const args = ["replay", fileOf(t, content), "--signal", "traces", "--to", upstream.url.href, ...flags];
    const { code } = await runHere(nowhere, args);
    assert.equal(code, 0);
    const ends = upstream.takenBytes("traces").map((bytes) => timesOf("traces", bytes)!.last);
    const offsetsMs = ends.map((end) => Number(end - nanos(beforeMs)) / 1e6);
    return { atMs, offsetsMs, tookMs: Date.now() - beforeMs };
  }

  test("obsvty replay --speed sends requests as far apart as their times are, divided by the speed", async (t) => {
    const { atMs, offsetsMs } = await replayed(t, spansAt(0, 600, 300, 1_200), "--speed", "4");
    const [first = 0, second = 0, third = 0, fourth = 0] = atMs.map((ms) => ms - atMs[0]!);
    assert.equal(first, 0);
    assert.ok(second >= 140 && third >= second && fourth >= 290, `${atMs}`);
    assert.ok(
      offsetsMs.every((ms) => ms < -1e9),
      "their times are those of the file",
    );
  });

  test("obsvty replay --retime now makes the latest time now, and keeps the others as far before it as they were", async (t) => {
    const { offsetsMs, tookMs } = await replayed(t, spansAt(0, 7_000, 3_000), "--retime", "now");
    const sorted = offsetsMs.sort((a, b) => a - b);
    assert.deepEqual(
      sorted.map((ms) => Math.round(ms - sorted[0]!)),
      [0, 3_000, 7_000],
    );
    assert.ok(sorted[2]! >= -1 && sorted[2]! <= tookMs, `${sorted}`);
  });

  test("obsvty replay --retime now --speed 1 gives each request the time at which it is sent", async (t) => {
    const { offsetsMs, tookMs } = await replayed(t, spansAt(0, 400), "--retime", "now", "--speed", "1");
    const [first = 0, last = 0] = offsetsMs;
    assert.equal(Math.round(last - first), 400);
    assert.ok(first >= -1 && last <= tookMs, `${offsetsMs} within ${tookMs}`);
  });
});

describe("obsvty replay on a terminal", () => {
  test("obsvty replay on a terminal shows a bar while it sends, and the result", async (t) => {
    const upstream = await new OtlpUpstream(t, "grpc").start();
    upstream.answer = () => (upstream.received.length < 30 ? {} : { grpcStatus: 14 });
    const path = fileOf(t, prefixed(...Array.from({ length: 60 }, (_, i) => spanBytes(1, i + 1))));
    const args = ["replay", path, "--signal", "traces", "--to", upstream.url.href];
    const { screen, shown, ended } = startOnTerminal(t, nowhere, args);
    await shown(/━+─* +\d+% {2}\d+ items .*UNAVAILABLE, next try in/);
    upstream.answer = () => ({});
    assert.equal((await ended).exitCode, 0);
    assert.match(screen(), /sent 60 items in 60 requests: 60 accepted, 0 refused/);
  });

  test("Ctrl-C ends obsvty replay on a terminal with 130 and what was accepted by then", async (t) => {
    const upstream = await new OtlpUpstream(t, "grpc").start();
    upstream.answer = () => (upstream.received.length < 30 ? {} : undefined);
    const path = fileOf(t, prefixed(...Array.from({ length: 60 }, (_, i) => spanBytes(1, i + 1))));
    const args = ["replay", path, "--signal", "traces", "--to", upstream.url.href];
    const { pty, screen, shown, ended } = startOnTerminal(t, nowhere, args);
    await shown(/29 items/);
    pty.write("\x03");
    assert.equal((await ended).exitCode, 130);
    assert.match(screen(), /29 accepted, 0 refused, \d+ not answered/);
  });
});

test("obsvty export piped into obsvty replay copies one server to another", async (t) => {
  const [from, to] = [await startObsvty(t), await startObsvty(t)];
  await runHere(from, ["replay", "-"], { stdin: linesOf(9).join("") });
  const { stdout: stdin } = await runHere(from, ["export"]);
  const { code } = await runHere(to, ["replay", "-"], { stdin });
  assert.equal(code, 0);
  for (const signal of signals)
    assert.equal(((await statsOf(to)) as Record<Signal, { items: number }>)[signal].items, 9);
});

test("obsvty replay as a process reads a pipe", async (t) => {
  const server = await startObsvty(t);
  const { child, ended } = startPiped(t, server, ["replay", "-"]);
  child.stdin?.end(linesOf(4).join(""));
  const { code, stdout } = await ended;
  assert.deepEqual([code, result(stdout).accepted], [0, 16]);
});

describe("a large file", { skip: process.platform !== "linux" }, () => {
  /** Replays a file of so many MiB to a server. @returns the most memory that it took, in MiB */
  async function peakOf(
    t: TestContext,
    url: string,
    mib: number,
    part: Uint8Array,
    args: readonly string[],
  ): Promise<number> {
    const path = join(testFolder(t), "large");
    const parts = Math.ceil((mib * 2 ** 20) / part.byteLength);
    const file = openSync(path, "w");
    for (let i = 0; i < parts; i++) writeSync(file, part);
    closeSync(file);
    const { child, ended } = startPiped(t, { url }, ["replay", path, ...args]);
    let peakKib = 0;
    const look = () => {
      const status = readFileSync(`/proc/${child.pid}/status`, "latin1");
      peakKib = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? peakKib);
    };
    const looking = setInterval(look, 10);
    const { code, stdout, stderr } = await ended.finally(() => clearInterval(looking));
    assert.deepEqual([code, stderr, result(stdout).requests], [0, "", parts]);
    return peakKib / 1_024;
  }

  for (const [what, part, args] of [
    ["lines", Buffer.from(`${writeJsonRequest("traces", spanBytes(200))}\n`), []],
    ["protobuf", prefixed(spanBytes(200)), ["--signal", "traces"]],
  ] as const) {
    test(`obsvty replay of ${what} takes little more memory for a file that is much longer`, async (t) => {
      const server = run(t, { RATE_LIMIT_MAX: "0" });
      const url = `http://${await untilListening(server)}`;
      // Up to some 200 MiB, V8 leaves garbage to lie: that is all of what is read from a shorter file.
      const short = await peakOf(t, url, 64, part, args);
      const long = await peakOf(t, url, 160, part, args);
      assert.ok(long - short < (160 - 64) / 2, `${short} MiB, then ${long} MiB`);
    });
  }
});
