import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { processEnv, runHere, startOnTerminal, startPiped } from "../support/cli.ts";
import { startObsvty } from "../support/obsvty.ts";
import { testFolder } from "../support/test-folder.ts";

const nowhere = { url: "http://127.0.0.1:1" };
const sdkProgram = fileURLToPath(new URL("../support/default-sdk.js", import.meta.url));
/** A machine that is busy takes long to start a process. */
const patience = "40s";

/** Functions for the programs below: they send OTLP/JSON as an exporter does. */
const prelude = `
  const post = (signal, body) => fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + "/v1/" + signal, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  const id = (n, digits) => n.toString(16).padStart(digits, "0");
  const span = (name, n = 1, more = {}) => ({
    traceId: id(n, 32), spanId: id(n, 16), name, kind: 1,
    startTimeUnixNano: "1700000000000000000", endTimeUnixNano: "1700000000001000000", ...more });
  const sendSpans = (...spans) => post("traces", { resourceSpans: [{ scopeSpans: [{ spans }] }] });
  const sendLog = (text, severityNumber) => post("logs", { resourceLogs: [{ scopeLogs: [{ logRecords: [
    { severityNumber, body: { stringValue: text } }] }] }] });
`;

/** The words of a command that runs a program as Node does. */
function program(source: string): string[] {
  return [process.execPath, "-e", `${prelude}${source}`];
}

function run(
  t: TestContext,
  flags: readonly string[],
  command: readonly string[],
  env: Record<string, string> = {},
) {
  return startPiped(t, nowhere, ["run", ...flags, "--", ...command], { env });
}

/** Runs a command that prints nothing on stdout, in this process, which is faster. */
function runQuietly(flags: readonly string[], command: readonly string[], env: Record<string, string> = {}) {
  return runHere(nowhere, ["run", ...flags, "--", ...command], { env: { ...processEnv({}), ...env } });
}

describe("obsvty run prints what a program sends:", () => {
  test("obsvty run receives the telemetry of a program with the SDK, with nothing set but by run", async (t) => {
    const { code, stdout, stderr } = await run(t, [], [process.execPath, sdkProgram]).ended;
    assert.deepEqual([code, stdout], [0, ""], stderr);
    assert.match(stderr, /^[0-9a-f]{32} {2}\S+ \S+ {2}1 span\nwork {2}/);
    assert.match(
      stderr,
      /\nobsvty: received 1 span in 1 trace; 1 log record; 1 data point of 1 metric \(work\.done\)\n$/,
    );
  });

  test("obsvty run prints traces as trees and log records of errors as lines, and counts errors", async () => {
    const { stderr } = await runQuietly(
      [],
      program(`
        await sendSpans(span("root"), span("child", 1, {
          spanId: id(2, 16), parentSpanId: id(1, 16), status: { code: 2, message: "no luck" } }));
        await sendLog("all is well", 9);
        await sendLog("lost it", 17);`),
    );
    assert.match(stderr, /\nroot .*\n└─ child {2}✗ no luck .*\n\n +ERROR {2}lost it\n\n/);
    assert.doesNotMatch(stderr, /all is well/);
    assert.match(stderr, /received 2 spans in 1 trace, 1 error; 2 log records, 1 error\n$/);
  });

  test("obsvty run leaves the command its own stdin and stdout", async (t) => {
    const command = run(t, [], ["cat"]);
    command.child.stdin?.end("line\n");
    const { code, stdout } = await command.ended;
    assert.deepEqual([code, stdout], [0, "line\n"]);
  });

  test("obsvty run --json prints lines of JSON alone on stdout, and the command's stdout on stderr", async (t) => {
    const { code, stdout, stderr } = await run(
      t,
      ["--json"],
      program(`console.log("noise"); await sendSpans(span("root")); await sendLog("text", 9);`),
    ).ended;
    assert.equal(code, 0);
    assert.match(stderr, /^noise\n/);
    const [first, second, third, ...rest] = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.equal(first.span.name, "root");
    assert.equal(second.log.body, "text");
    assert.deepEqual(
      [third.result.exitCode, third.result.accepted.traces, third.result.failures],
      [0, 1, []],
    );
    assert.deepEqual(rest, []);
  });

  test("obsvty run --follow prints a trace while the command runs, and only once", async (t) => {
    const command = run(
      t,
      ["--follow", "--json"],
      program(
        `await sendSpans(span("early")); process.stdin.resume(); process.stdin.on("end", () => process.exit());`,
      ),
    );
    await command.printed(/"name":"early"/);
    command.child.stdin?.end();
    const { stdout } = await command.ended;
    assert.equal(stdout.match(/"early"/g)?.length, 1);
    assert.match(stdout, /\n\{"result":.*\}\n$/);
  });

  test("obsvty run --follow prints a trace whose rest never comes, once the command has ended", async () => {
    const { stderr } = await runQuietly(
      ["--follow"],
      program(`await sendSpans(span("child", 1, { parentSpanId: id(9, 16) })); await sendLog("text", 9);`),
    );
    assert.match(stderr, /text\n/);
    assert.match(stderr, /not held\)\n└─ child/);
  });

  test("obsvty run of a command without telemetry gives a hint, which names a variable that turns exporting off", async () => {
    const { code, stderr } = await runQuietly([], ["true"]);
    assert.equal(code, 0);
    assert.match(
      stderr,
      /^obsvty: no telemetry came; the command had \S+=http:\/\/127\.0\.0\.1:\d+\n.*SDK.*\n$/,
    );
    const off = await runQuietly([], ["true"], { OTEL_SDK_DISABLED: "true" });
    assert.match(off.stderr, /OTEL_SDK_DISABLED=true/);
  });

  test("obsvty run prints very much telemetry within bounds, with the errors, and says what is left out", async () => {
    const { stderr } = await runQuietly(
      [],
      program(`
        for (let i = 0; i < 3; i++)
          await sendSpans(...Array.from({ length: 500 }, (_, n) => span("many", 1 + i * 500 + n)));
        await sendSpans(span("failed", 90001, { status: { code: 2 } }));
        await sendSpans(...Array.from({ length: 3000 }, (_, n) => span("wide", 90002, { spanId: id(n + 1, 16) })));
        await sendSpans(...Array.from({ length: 200 }, (_, n) => span("tall", 90003, {
          spanId: id(n + 1, 16), status: { code: 2 } })));`),
    );
    const lines = stderr.split("\n");
    assert.ok(lines.length < 200, String(lines.length));
    assert.match(stderr, /failed {2}✗/);
    assert.match(stderr, /… 141 more lines of this trace are not shown\n/);
    assert.match(stderr, /… 1,483 more traces are not shown\n/);
    assert.match(stderr, /received 4,701 spans in 1,503 traces, 201 errors\n$/);
  });

  test("obsvty run --save says what came and was evicted before it could be written, and ends with 1", async (t) => {
    const path = join(testFolder(t), "saved.json");
    // Items in protobuf of 30 bytes: an empty resource and scope, and spans of ids and a start.
    const source = `
      const span = Buffer.concat([Buffer.from([0x0a, 16]), Buffer.alloc(16, 1), Buffer.from([0x12, 8]),
        Buffer.alloc(8, 2)]);
      const field = (bytes, tag) => {
        const head = Buffer.alloc(5);
        head.writeUInt8((bytes.length & 0x7f) | 0x80, 0);
        head.writeUInt8(((bytes.length >> 7) & 0x7f) | 0x80, 1);
        head.writeUInt8(((bytes.length >> 14) & 0x7f) | 0x80, 2);
        head.writeUInt8(bytes.length >> 21, 3);
        return Buffer.concat([Buffer.from([tag]), head.subarray(0, 4), bytes]);
      };
      const one = Buffer.concat([Buffer.from([0x12, span.length]), span]);
      const body = field(field(Buffer.concat(Array(60_000).fill(one)), 0x12), 0x0a);
      for (let i = 0; i < 2; i++) {
        const { status } = await fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + "/v1/traces", {
          method: "POST", headers: { "content-type": "application/x-protobuf" }, body });
        if (status !== 200) process.exit(9);
      }
    `;
    const { code, stderr } = await runQuietly(
      ["--save", path],
      [process.execPath, "--input-type=module", "-e", source],
    );
    assert.equal(code, 1, stderr);
    assert.match(stderr, /--save: 20,?000 spans evicted before the command ended, and not in the file/);
  });

  test("obsvty run --save writes what came as lines that replay reads", async (t) => {
    const path = join(testFolder(t), "saved.json");
    const { code } = await run(t, ["--save", path], [process.execPath, sdkProgram]).ended;
    assert.equal(code, 0);
    assert.deepEqual(
      readFileSync(path, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => Object.keys(JSON.parse(line))),
      [["resourceSpans"], ["resourceLogs"], ["resourceMetrics"]],
    );
    const server = await startObsvty(t);
    const replayed = await runHere(server, ["replay", path]);
    assert.equal(JSON.parse(replayed.stdout).accepted, 3);
  });

  test("obsvty run takes no endpoint from the variable of one signal, and keeps the user's rate", async (t) => {
    const { stdout } = await run(
      t,
      [],
      program(`const { env } = process;
        console.log(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, env.OTEL_BSP_SCHEDULE_DELAY, env.OBSVTY_ENDPOINT === env.OTEL_EXPORTER_OTLP_ENDPOINT);`),
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://elsewhere", OTEL_BSP_SCHEDULE_DELAY: "77" },
    ).ended;
    assert.equal(stdout, "undefined 77 true\n");
  });
});

describe("obsvty run ends as the command does:", () => {
  for (const [what, command, expected] of [
    ["0", ["true"], 0],
    ["its exit code", ["sh", "-c", "exit 42"], 42],
    ["128 + the signal's number when a signal has ended it", ["sh", "-c", "kill -KILL $$"], 137],
    ["127 when there is no such command", ["no-such-command-of-obsvty"], 127],
    ["126 when it cannot be executed", ["/"], 126],
  ] as const) {
    test(`obsvty run ends with ${what}`, async () => {
      const { code, stderr } = await runQuietly([], command);
      assert.equal(code, expected, stderr);
    });
  }

  test("obsvty run ends with the exit code of a command that fails, whatever was expected", async () => {
    const { code, stderr } = await runQuietly(["--expect-span", "x"], ["sh", "-c", "exit 3"]);
    assert.equal(code, 3);
    assert.match(
      stderr,
      /sh ended with exit code 3\n(?:.*\n)*obsvty: --expect-span x: 0 of 1 spans matched; no spans are held\n$/,
    );
  });

  test("obsvty run passes a signal on, and receives what the command sends thereafter", async (t) => {
    const command = run(
      t,
      [],
      program(`process.on("SIGTERM", async () => { await sendSpans(span("farewell")); process.exit(5); });
        setInterval(() => {}, 1000); console.log("ready");`),
    );
    await command.printed(/ready/);
    command.child.kill("SIGTERM");
    const { code, stderr } = await command.ended;
    assert.equal(code, 5);
    assert.match(stderr, /\nfarewell {2}/);
  });

  test("obsvty run goes on when its command ignores SIGINT", async (t) => {
    const command = run(
      t,
      [],
      program(`process.on("SIGINT", () => console.log("ignored")); process.on("SIGHUP", () => process.exit(6));
        setInterval(() => {}, 1000); console.log("ready");`),
    );
    await command.printed(/ready/);
    command.child.kill("SIGINT");
    await command.printed(/ignored/);
    assert.equal(command.child.exitCode, null);
    command.child.kill("SIGHUP");
    assert.equal((await command.ended).code, 6);
  });

  test("obsvty run does not wait longer for a command that leaves processes behind, unless their telemetry is expected", async () => {
    const late = `setInterval(() => sendSpans(span("late")).catch(() => process.exit()), 300);`;
    const source = program(`
      const { spawn } = require("node:child_process");
      spawn(process.execPath, ["-e", ${JSON.stringify(`${prelude}${late}`)}], { stdio: "ignore", detached: true }).unref();`);
    const ended = await runQuietly(["--expect-span", "late", "--wait", patience], source);
    assert.equal(ended.code, 0, ended.stderr);
    const other = await runQuietly(["--wait", "100ms", "--expect-span", "never"], source);
    assert.equal(other.code, 1, other.stderr);
  });
});

describe("obsvty run as an assertion:", () => {
  const source = program(`
    await sendSpans(span("root"), span("child", 1, { spanId: id(2, 16), parentSpanId: id(1, 16) }));
    await sendLog("card declined", 17);
    await post("metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics: [
      { name: "orders", gauge: { dataPoints: [{ asInt: "1", timeUnixNano: "1700000000000000000" }] } }] }] }] });`);

  test("obsvty run succeeds when spans, log records and metrics come as expected", async () => {
    const { code, stderr } = await runQuietly(
      [
        ...["--expect-span", "root", "--expect-span", "child"],
        ...["--expect-span", '{"kind":"SPAN_KIND_INTERNAL","minCount":2}'],
        ...["--expect-log", "declined", "--expect-metric", "orders"],
      ],
      source,
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /obsvty: received .*\n$/);
  });

  test("obsvty run fails when something does not come or has failed, and shows what came nearest", async () => {
    const { code, stderr } = await runQuietly(
      [
        ...["--expect-span", "rood", "--expect-log", '{"bodyContains":"declined","minCount":2}'],
        ...["--fail-on-error", "--wait", "200ms"],
      ],
      source,
    );
    assert.equal(code, 1);
    assert.deepEqual(
      stderr
        .trimEnd()
        .split("\n")
        .slice(-5)
        .map((line) => line.replace(/(?<=nearest: ).*(child).*/, "$1")),
      [
        "obsvty: --expect-span rood: 0 of 1 spans matched; the nearest miss failed on name",
        'obsvty: name: it is "child"',
        // The newest of those that failed on the name alone.
        "obsvty: the nearest: child",
        'obsvty: --expect-log {"bodyContains":"declined","minCount":2}: 1 of 2 log records matched; no others are held',
        "obsvty: --fail-on-error: 1 error in spans and log records",
      ],
      stderr,
    );
  });
});

test("the help of obsvty run has no flags for a server that it does not call", async () => {
  const { stdout } = await runHere(nowhere, ["run", "--help"]);
  assert.doesNotMatch(stdout, /--endpoint|--ca|--cert|--key/);
  assert.match(stdout, /--json/);
});

describe("obsvty run refuses what is wrong before it runs anything:", () => {
  for (const [flags, message] of [
    [
      ["node", "app.js", "--version"],
      /^obsvty: run: a command stands behind --: obsvty run -- node app\.js\n$/,
    ],
    [["--"], /a command stands behind --/],
    [["--folow", "--", "true"], /unknown option '--folow' .*; those of the command stand behind --/],
    [["--expect-span", '{"nme":"x"}', "--", "true"], /^obsvty: --expect-span: nme: no such field\n$/],
    [["--expect-log", "{", "--", "true"], /--expect-log: begins with \{ and is not JSON/],
    [["--expect-metric", "", "--", "true"], /--expect-metric: must not be empty/],
    [["--expect-span", '{"minCount":0.5}', "--", "true"], /--expect-span: minCount: /],
    [["--wait", "soon", "--", "true"], /--wait: "soon" is not allowed/],
    [
      ["--save", "/no/such/folder/x", "--", "true"],
      /--save: "\/no\/such\/folder\/x" cannot be written \(ENOENT\)/,
    ],
    [["--endpoint", "http://localhost:1", "--", "true"], /--endpoint: run starts a receiver of its own/],
  ] as const) {
    test(`obsvty run ${flags.join(" ")} is refused`, async () => {
      const { code, stdout, stderr } = await runHere(nowhere, ["run", ...flags]);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, message);
    });
  }
});

describe("obsvty run on a terminal:", () => {
  test("obsvty run on a terminal gives it to the command, which Ctrl-C reaches once, and prints coloured trees that fit", async (t) => {
    const command = startOnTerminal(
      t,
      nowhere,
      [
        "run",
        "--",
        ...program(`let count = 0;
          process.on("SIGINT", () => { count += 1; if (count === 1) setTimeout(async () => {
            await sendSpans(span("root ".repeat(40))); process.exit(10 + count); }, 300); });
          setInterval(() => {}, 1000); process.stdout.write(\`terminal \${process.stdin.isTTY} \${process.stdout.isTTY}\`);`),
      ],
      { columns: 80 },
    );
    await command.shown(/terminal true true/);
    command.pty.write("\x03");
    assert.equal((await command.ended).exitCode, 11);
    assert.ok(command.screen().includes("\x1b[34m━"));
    assert.match(command.screen(), /root root .*…/);
  });
});
