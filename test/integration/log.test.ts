import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { request as requestHttp1 } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import { spawn as spawnPty } from "@lydell/node-pty";
import { exportPath } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { main, processEnv } from "../support/cli.ts";
import { eventually } from "../support/obsvty.ts";
import { makeTraceRequest } from "../support/otlp.ts";
import { call, frame, startCall } from "../support/raw-grpc.ts";
import { connectHttp2, startServer } from "../support/server.ts";
import { type Running, run, untilListening } from "../support/server-process.ts";

const empty = frame(Buffer.alloc(0));

/** A pipe whose reader is the test: it reads when it likes, and can fill the pipe. */
function makePipe(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "obsvty-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "log");
  execFileSync("mkfifo", [path]);
  const here = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  // With flags of its own: writing to this one blocks.
  const stdout = openSync(path, constants.O_WRONLY);
  t.after(() => closeSync(here));
  t.after(() => closeSync(stdout));
  const buffer = Buffer.alloc(65_536);
  let text = "";
  /** What has been read so far, now that all of it has been that is there. */
  const read = () => {
    for (;;) {
      try {
        text += buffer.toString("utf8", 0, readSync(here, buffer));
      } catch {
        return text;
      }
    }
  };
  const fill = () => {
    for (const size of [65_536, 1]) {
      try {
        for (;;) writeSync(here, Buffer.alloc(size, "\n"));
      } catch {
        // Full.
      }
    }
  };
  return { stdout, read, fill };
}

interface Unread extends Running {
  readonly url: string;
  readonly read: () => string;
}

/** A server that has written its first line, and whose log nobody reads any more. */
async function runUnread(t: TestContext, settings: Readonly<Record<string, string>> = {}): Promise<Unread> {
  const { stdout, read, fill } = makePipe(t);
  const running = run(t, { RATE_LIMIT_MAX: "0", ...settings }, { stdout });
  const address = await eventually("it listens", () => /"grpc":"([^"]+)"/.exec(read())?.[1]);
  fill();
  return { ...running, url: `http://${address}`, read };
}

async function refuse(url: string, calls: number): Promise<void> {
  for (let i = 0; i < calls; i += 50) {
    const paths = Array.from({ length: 50 }, (_, j) => `${url}/no-such-path/${i + j}`);
    const replies = await Promise.all(paths.map((path) => fetch(path)));
    assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([404]));
  }
}

test("a server whose log nobody reads goes on answering, and writes its log when somebody does", async (t) => {
  const { url, read } = await runUnread(t);
  await refuse(url, 3_000);
  assert.equal((await fetch(`${url}/livez`)).status, 200);
  await eventually("the log goes on", () => read().includes("/no-such-path/0") || undefined);
});

test("a server on a terminal that is stopped with Ctrl-S goes on answering, and writes its log after Ctrl-Q", async (t) => {
  const settings = {
    OTLP_GRPC_HOST: "127.0.0.1",
    OTLP_GRPC_PORT: "0",
    OTLP_HTTP_PORT: "off",
    RATE_LIMIT_MAX: "0",
  };
  const terminal = spawnPty(process.execPath, [main], {
    cols: 200,
    env: processEnv(settings),
    cwd: tmpdir(),
  });
  const ended = new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  t.after(() => terminal.kill("SIGKILL"));
  let screen = "";
  terminal.onData((text) => {
    screen += text;
  });
  const shown = (pattern: RegExp) => eventually(String(pattern), () => pattern.exec(screen) ?? undefined);
  const [, address] = await shown(/listening[\s\S]*?"(127\.0\.0\.1:\d+)"/);
  // Only the log for people has colours.
  assert.ok(screen.includes("\u001b[32mINFO"));
  const url = `http://${address}`;
  terminal.write("\x13");
  await refuse(url, 50);
  // A terminal writes the control character that it has taken before what comes later.
  assert.doesNotMatch(screen, /no-such-path/);
  assert.equal((await fetch(`${url}/livez`)).status, 200);
  terminal.write("\x11");
  await shown(/refused GET \/no-such-path\/49/);
  terminal.kill("SIGTERM");
  assert.equal(await ended, 0);
  assert.match(screen, /stopped/);
});

test("a stop writes what the log still holds within the grace", async (t) => {
  const { url, read, child, ended } = await runUnread(t, { SHUTDOWN_GRACE_MS: "60000" });
  await refuse(url, 50);
  child.kill("SIGTERM");
  await assert.rejects(async () => {
    for (;;) await fetch(`${url}/livez`);
  });
  await eventually("the last line is there", () => read().includes('"msg":"stopped"') || undefined);
  assert.deepEqual(await ended, [0, null]);
  assert.match(read(), /\/no-such-path\/49"/);
});

test("a log that nobody reads does not hold up the stop beyond the grace", async (t) => {
  const { url, child, ended } = await runUnread(t, { SHUTDOWN_GRACE_MS: "100" });
  await refuse(url, 50);
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
});

test("a client over its rate costs a line, and then one a second with the number of refusals", async (t) => {
  const server = await startServer(t, { settings: { RATE_LIMIT_MAX: "1", RATE_LIMIT_WINDOW_MS: "3600000" } });
  const session = connectHttp2(t, server);
  const calls = 2_000;
  for (let i = 0; i < calls; i += 100) {
    await Promise.all(Array.from({ length: 100 }, () => call(session, exportPath("traces"), empty)));
  }
  const lines = await eventually("all refusals are told", () => {
    const refused = server.logs.filter(({ msg, code }) => msg === "refused" && code === "over-rate");
    const told = refused.reduce((sum, { repeated }) => sum + Number(repeated ?? 1), 0);
    return told === calls - 1 ? refused : undefined;
  });
  assert.ok(lines.length < calls / 20, `${lines.length} lines`);
  assert.ok(lines.every(({ remote }) => remote === "127.0.0.1"));
});

test("readers who hang up leave nothing on stderr, and no line above debug", async (t) => {
  const running = run(t, { RATE_LIMIT_MAX: "0", MAX_BUFFER_SIZE: "50000" });
  const url = `http://${await untilListening(running)}`;
  const trace = toBinary(requestSchemas.traces, makeTraceRequest({ count: 100 }));
  const send = async () => {
    const headers = { "content-type": "application/x-protobuf" };
    assert.equal((await fetch(`${url}/v1/traces`, { method: "POST", headers, body: trace })).status, 200);
  };
  for (let i = 0; i < 100; i++) await send();
  const calls = [
    ["Tail", "application/connect+json", frame(Buffer.from('{"spans":{}}'))],
    ["Tail", "application/grpc+json", frame(Buffer.from('{"spans":{}}'))],
    ["Tail", "application/grpc-web+json", frame(Buffer.from('{"spans":{}}'))],
    [
      "WaitFor",
      "application/json",
      Buffer.from('{"spans":{"name":"none"},"minCount":"1","timeout":"3600s"}'),
    ],
    ["SearchSpans", "application/json", Buffer.from('{"limit":10000,"maxBytes":60000000}')],
    ["SearchSpans", "application/grpc-web+json", frame(Buffer.from('{"limit":10000,"maxBytes":60000000}'))],
  ] as const;
  for (const [method, type, body] of calls) {
    const path = `/obsvty.v1.QueryService/${method}`;
    for (const leave of ["cancel", "cut"] as const) {
      const session = connectHttp2(t, { url });
      const { stream, reply } = startCall(session, path, { "content-type": type });
      reply.catch(() => {});
      stream.end(body);
      if (method === "SearchSpans") await once(stream, "data");
      // The call is under way: an answer on the same connection comes after it.
      await call(session, exportPath("traces"), empty);
      if (method === "Tail") await send();
      if (leave === "cut") session.destroy();
      else stream.close(8);
    }
    if (type.startsWith("application/grpc+")) continue;
    const request = requestHttp1(`${url}${path}`, {
      method: "POST",
      agent: false,
      headers: { "content-type": type },
    });
    request.on("error", () => {});
    request.end(body);
    if (method === "SearchSpans") await once(request, "response");
    else await send();
    request.destroy();
  }
  running.child.kill("SIGTERM");
  await running.ended;
  assert.equal(running.errors(), "");
  assert.doesNotMatch(running.output(), /"level":[456]0/);
});

for (const [what, start] of [
  [
    "",
    async (t: TestContext, settings: Readonly<Record<string, string>>) => {
      const running = run(t, settings);
      await untilListening(running);
      return { ...running, read: running.output };
    },
  ],
  [", also when nobody reads the log", runUnread],
] as const) {
  test(`an internal fault is logged and ends the process with exit code 1${what}`, async (t) => {
    const faulty = 'process.on("SIGUSR2", () => { throw new Error("no such luck"); })';
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(faulty)}`;
    const { child, ended, read } = await start(t, { NODE_OPTIONS });
    child.kill("SIGUSR2");
    assert.deepEqual(await ended, [1, null]);
    if (what === "") assert.match(read(), /"level":60,.*no such luck.*"msg":"internal fault"/);
  });
}

test("a server whose reader of the log has gone goes on answering", async (t) => {
  const running = run(t, { RATE_LIMIT_MAX: "0" });
  const address = await eventually("it listens", () => /"grpc":"([^"]+)"/.exec(running.output())?.[1]);
  running.child.stdout?.destroy();
  await refuse(`http://${address}`, 200);
  running.child.kill("SIGTERM");
  assert.deepEqual(await running.ended, [0, null]);
  assert.equal(running.errors(), "");
});
