import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { version } from "../../src/version.ts";
import { logsOf, metricsOf, spansOf, spansWith } from "../contract/store-requests.ts";
import { main, processEnv, startOnTerminal, startPiped } from "../support/cli.ts";
import { send } from "../support/ingest.ts";
import { eventually, startObsvty } from "../support/obsvty.ts";
import type { TestServer } from "../support/server.ts";

// The program as people start it: a process, with pipes or on a terminal.

function untilWatched({ core }: TestServer, count: number): Promise<true> {
  return eventually(`${count} calls that last`, () => core.reader.watching() === count || undefined);
}

const id = (digit: number, length: number) => new Uint8Array(length).fill(digit);

/** A trace of a root and a child, in the order that exporters send them. */
const trace = {
  child: { traceId: id(0xab, 16), spanId: id(2, 8), parentSpanId: id(1, 8), name: "charge card" },
  root: { traceId: id(0xab, 16), spanId: id(1, 8), name: "POST /checkout" },
} as const;

describe("tail through a pipe", () => {
  for (const [what, signal, request, count] of [
    ["traces", "traces", spansOf(3), 3],
    ["logs", "logs", logsOf(2), 2],
    ["metrics", "metrics", metricsOf(5), 5],
  ] as const) {
    test(`prints ${what} as JSON lines as they come, and ends when the server does, with 1`, async (t) => {
      const server = await startObsvty(t, { settings: { SHUTDOWN_GRACE_MS: "30000" } });
      const command = startPiped(t, server, ["tail", what]);
      await untilWatched(server, 1);
      send(server, signal, request);
      await command.printed(new RegExp(`^(?:\\{.*\\}\\n){${count}}$`));
      await server.close();
      const { code, stdout, stderr } = await command.ended;
      assert.deepEqual([code, stderr], [1, "obsvty: the server is stopping\n"]);
      const items = stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      assert.ok(items.every(({ service, cursor }) => service === "shop" && cursor !== ""));
    });
  }

  test("ends with 1 and says so when the server is cut off", async (t) => {
    const server = startPiped(t, { url: "" }, [], {
      env: { OTLP_GRPC_HOST: "127.0.0.1", OTLP_GRPC_PORT: "0", OTLP_HTTP_PORT: "off" },
    });
    await server.printed(/"grpc":"[^"]+"/);
    const url = `http://${/"grpc":"([^"]+)"/.exec(server.stdout())?.[1]}`;
    // On a terminal it says when it is connected.
    const command = startOnTerminal(t, { url }, ["tail", "logs"]);
    await command.shown(/as they come/);
    server.child.kill("SIGKILL");
    const { exitCode } = await command.ended;
    assert.equal(exitCode, 1);
    assert.match(command.screen(), new RegExp(`obsvty: ${url} closed the connection\\r\\n$`));
  });

  test("says how many a slow reader was not shown", async (t) => {
    const server = await startObsvty(t, { settings: { MAX_BUFFER_SIZE: "2" } });
    const after = server.core.reader.newestCursor();
    for (let i = 0; i < 3; i++) send(server, "logs", logsOf(2));
    const command = startPiped(t, server, ["tail", "logs", "--after", after]);
    await command.printed(/^(?:\{.*\}\n){2}$/);
    command.child.kill("SIGTERM");
    const { stderr } = await command.ended;
    assert.equal(stderr, "obsvty: 4 log records gone before they could be shown (missed)\n");
  });

  test("shows what came of a trace when it may not ask for the rest", async (t) => {
    const server = await startObsvty(t, { settings: { RATE_LIMIT_MAX: "1", RATE_LIMIT_WINDOW_MS: "60000" } });
    const command = startPiped(t, server, ["tail", "traces", "--text", "--name", "charge card"]);
    await untilWatched(server, 1);
    send(server, "traces", spansWith(trace.child));
    await command.printed(/not held\)\n└─ charge card/);
    await server.close();
    const { code, stderr } = await command.ended;
    assert.deepEqual([code, stderr.endsWith("obsvty: the server is stopping\n")], [1, true]);
  });

  test("ends quietly with 0 when its reader has seen enough", async (t) => {
    const server = await startObsvty(t);
    const command = startPiped(t, server, ["tail", "logs"]);
    await untilWatched(server, 1);
    send(server, "logs", logsOf(1));
    await command.printed(/\n/);
    command.child.stdout?.destroy();
    const ended = once(command.child, "close");
    const more = setInterval(() => send(server, "logs", logsOf(1)), 5);
    t.after(() => clearInterval(more));
    assert.deepEqual(await ended, [0, null]);
    assert.equal((await command.ended).stderr, "");
  });
});

describe("tail on a terminal", () => {
  test("prints a trace as a coloured tree once it is complete, and Ctrl-C ends it at once", async (t) => {
    const server = await startObsvty(t);
    const command = startOnTerminal(t, server, ["tail", "traces"]);
    await command.shown(/obsvty: showing traces from http:\S+ as they come, Ctrl-C ends it\r\n/);
    send(server, "traces", spansWith(trace.child));
    send(server, "traces", spansWith(trace.root));
    await command.shown(/POST.*charge card.*━\S*\r\n\r\n$/s);
    assert.ok(command.screen().includes("\x1b[34m━"));
    const lines = stripVTControlCharacters(command.screen()).split("\r\n").slice(1);
    assert.deepEqual(
      lines.map((line) => line.replace(/ +[\d.]+ ms .*| {2}20.*/, "")),
      ["ab".repeat(16), "POST /checkout  [shop]", "└─ charge card", "", ""],
    );
    command.pty.write("\x03");
    assert.equal((await command.ended).exitCode, 130);
    assert.match(command.screen(), /\r\n(?:\^C)?$/);
  });

  test("shows what came of a trace that is not complete when Ctrl-C ends it", async (t) => {
    const server = await startObsvty(t);
    const command = startOnTerminal(t, server, ["tail", "traces"], { env: { NO_COLOR: "1" } });
    await command.shown(/as they come/);
    send(server, "traces", spansWith(trace.child));
    // What comes later is shown first: it is complete.
    send(server, "traces", spansWith({ ...trace.root, traceId: id(0xcd, 16), name: "GET /cart" }));
    await command.shown(/GET \/cart/);
    command.pty.write("\x03");
    assert.equal((await command.ended).exitCode, 130);
    assert.match(command.screen(), /\(parent \w+ not held\)\r\n└─ charge card/);
  });

  test("with a filter prints the whole traces of the spans that match", async (t) => {
    const server = await startObsvty(t);
    const command = startOnTerminal(t, server, ["tail", "traces", "--name", "charge card"], {
      env: { NO_COLOR: "1" },
    });
    await command.shown(/as they come/);
    send(server, "traces", spansOf(2));
    send(server, "traces", spansWith(trace.child, trace.root));
    await command.shown(/as they come, Ctrl-C ends it\r\n(?:ab){16} .*\r\nPOST.*charge card.*\r\n\r\n$/s);
    assert.equal(stripVTControlCharacters(command.screen()), command.screen());
  });

  test("prints logs as lines, with what a body wants of the terminal spelt out", async (t) => {
    const server = await startObsvty(t);
    const command = startOnTerminal(t, server, ["tail", "logs"], { columns: 60 });
    await command.shown(/as they come/);
    send(server, "logs", logsOf(2));
    await command.shown(/order \d+ was placed.*\r\n.*order \d+ was placed.*\r\n$/);
    const lines = stripVTControlCharacters(command.screen()).trimEnd().split("\r\n").slice(1);
    assert.ok(
      lines.every((line) => line.length === 60 && line.endsWith("…")),
      lines.join("\n"),
    );
  });

  test("prints what waits of a trace when the server stops", async (t) => {
    const server = await startObsvty(t, { settings: { SHUTDOWN_GRACE_MS: "30000" } });
    const command = startOnTerminal(t, server, ["tail", "traces"], { env: { NO_COLOR: "1" } });
    await command.shown(/as they come/);
    send(server, "traces", spansWith(trace.child));
    send(server, "traces", spansOf(1));
    await command.shown(/span 0/);
    await server.close();
    assert.equal((await command.ended).exitCode, 1);
    assert.match(
      command.screen(),
      /\(parent 0101010101010101 not held\)\r\n└─ charge card .*obsvty: the server is stopping\r\n$/s,
    );
  });
});

test("wait succeeds when what it waits for comes, for scripts", async (t) => {
  const server = await startObsvty(t);
  const command = startPiped(t, server, ["wait", "spans", "--name", "span 1", "--timeout", "30s"]);
  await untilWatched(server, 1);
  send(server, "traces", spansOf(3));
  const { code, stdout, stderr } = await command.ended;
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(JSON.parse(stdout).name, "span 1");
});

test("API_TOKEN is taken from the environment, and no flag shows it to others", async (t) => {
  const server = await startObsvty(t, { settings: { API_TOKEN: "secret" } });
  assert.equal((await startPiped(t, server, ["stats"]).ended).code, 1);
  const { code } = await startPiped(t, server, ["stats"], { env: { API_TOKEN: "secret" } }).ended;
  assert.equal(code, 0);
});

test("the version is that of the package", async (t) => {
  const { code, stdout } = await startPiped(t, { url: "" }, ["--version"]).ended;
  assert.deepEqual([code, stdout], [0, `${version}\n`]);
});

test("neither the server nor a command loads what only the other needs", async (t) => {
  const server = await startObsvty(t);
  const spy = `data:text/javascript,${encodeURIComponent(`
    import { registerHooks } from "node:module";
    registerHooks({ resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      if (resolved.url.startsWith("file:")) process.stderr.write(resolved.url + "\\n");
      return resolved;
    } });`)}`;
  const loadedBy = async (args: readonly string[], settings: NodeJS.ProcessEnv) => {
    const child = spawn(process.execPath, ["--import", spy, main, ...args], {
      env: processEnv(settings),
    });
    t.after(() => child.kill("SIGKILL"));
    let loaded = "";
    child.stderr.on("data", (chunk) => {
      loaded += chunk;
    });
    child.stdout.on("data", (chunk) => {
      if (String(chunk).includes("listening")) child.kill("SIGTERM");
    });
    await once(child, "close");
    return loaded;
  };
  const command = await loadedBy(["search", "spans"], { OBSVTY_ENDPOINT: server.url });
  assert.match(command, /commander/);
  assert.doesNotMatch(command, /node_modules\/(?:fastify|pino)|src\/(?:service|compose|adapters)/);
  const service = await loadedBy([], {
    OTLP_GRPC_HOST: "127.0.0.1",
    OTLP_GRPC_PORT: "0",
    OTLP_HTTP_PORT: "off",
  });
  assert.match(service, /node_modules\/fastify/);
  assert.doesNotMatch(service, /commander|src\/cli/);
});
