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

// The program runs as a process, with pipes or on a terminal.

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
    test(`tail through a pipe prints ${what} as JSON lines as they arrive, and exits with 1 when the server stops`, async (t) => {
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

  test("tail through a pipe exits with 1 and says so when the connection is lost", async (t) => {
    const server = startPiped(t, { url: "" }, [], {
      env: { OTLP_GRPC_HOST: "127.0.0.1", OTLP_GRPC_PORT: "0", OTLP_HTTP_PORT: "off" },
    });
    await server.printed(/"grpc":"[^"]+"/);
    const url = `http://${/"grpc":"([^"]+)"/.exec(server.stdout())?.[1]}`;
    // On a terminal the command says when it is connected.
    const command = startOnTerminal(t, { url }, ["tail", "logs"]);
    await command.shown(/until Ctrl-C/);
    server.child.kill("SIGKILL");
    const { exitCode } = await command.ended;
    assert.equal(exitCode, 1);
    assert.match(command.screen(), new RegExp(`obsvty: ${url} closed the connection\\r\\n$`));
  });

  test("tail through a pipe says how many items a slow reader missed", async (t) => {
    const server = await startObsvty(t, { settings: { MAX_BUFFER_SIZE: "2" } });
    const after = server.core.reader.newestCursor();
    for (let i = 0; i < 3; i++) send(server, "logs", logsOf(2));
    const command = startPiped(t, server, ["tail", "logs", "--after", after]);
    await command.printed(/^(?:\{.*\}\n){2}$/);
    command.child.kill("SIGTERM");
    const { stderr } = await command.ended;
    assert.equal(stderr, "obsvty: 4 log records evicted before they could be shown and missed\n");
  });

  test("tail shows the spans that arrived when it cannot load the rest of the trace", async (t) => {
    const server = await startObsvty(t, { settings: { RATE_LIMIT_MAX: "1", RATE_LIMIT_WINDOW_MS: "60000" } });
    const command = startPiped(t, server, ["tail", "traces", "--text", "--name", "charge card"]);
    await untilWatched(server, 1);
    send(server, "traces", spansWith(trace.child));
    await command.printed(/not held\)\n└─ charge card/);
    await server.close();
    const { code, stderr } = await command.ended;
    assert.deepEqual([code, stderr.endsWith("obsvty: the server is stopping\n")], [1, true]);
  });

  test("tail exits with 0 and without a message when its reader closes the pipe", async (t) => {
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
  test("tail on a terminal prints a trace as a coloured tree once it is complete, and ends at once at Ctrl-C", async (t) => {
    const server = await startObsvty(t);
    const command = startOnTerminal(t, server, ["tail", "traces"]);
    await command.shown(/obsvty: showing new traces from http:\S+ until Ctrl-C\r\n/);
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

  test("tail on a terminal shows the spans of an incomplete trace when Ctrl-C ends it", async (t) => {
    const server = await startObsvty(t);
    const command = startOnTerminal(t, server, ["tail", "traces"], { env: { NO_COLOR: "1" } });
    await command.shown(/until Ctrl-C/);
    send(server, "traces", spansWith(trace.child));
    // The later trace is shown first, because it is complete.
    send(server, "traces", spansWith({ ...trace.root, traceId: id(0xcd, 16), name: "GET /cart" }));
    await command.shown(/GET \/cart/);
    command.pty.write("\x03");
    assert.equal((await command.ended).exitCode, 130);
    assert.match(command.screen(), /\(parent \w+ not held\)\r\n└─ charge card/);
  });

  test("tail with a filter prints the whole traces of the spans that match", async (t) => {
    const server = await startObsvty(t);
    const command = startOnTerminal(t, server, ["tail", "traces", "--name", "charge card"], {
      env: { NO_COLOR: "1" },
    });
    await command.shown(/until Ctrl-C/);
    send(server, "traces", spansOf(2));
    send(server, "traces", spansWith(trace.child, trace.root));
    await command.shown(/until Ctrl-C\r\n(?:ab){16} .*\r\nPOST.*charge card.*\r\n\r\n$/s);
    assert.equal(stripVTControlCharacters(command.screen()), command.screen());
  });

  test("tail on a terminal prints logs as lines cut to its width", async (t) => {
    const server = await startObsvty(t);
    const command = startOnTerminal(t, server, ["tail", "logs"], { columns: 72 });
    await command.shown(/until Ctrl-C/);
    send(server, "logs", logsOf(2));
    await command.shown(/order \d+ was placed.*\r\n.*order \d+ was placed.*\r\n$/);
    const lines = stripVTControlCharacters(command.screen()).trimEnd().split("\r\n").slice(1);
    assert.ok(
      lines.every((line) => line.length <= 72 && line.endsWith("…")),
      lines.join("\n"),
    );
  });

  test("tail on a terminal prints the spans of an incomplete trace when the server stops", async (t) => {
    const server = await startObsvty(t, { settings: { SHUTDOWN_GRACE_MS: "30000" } });
    const command = startOnTerminal(t, server, ["tail", "traces"], { env: { NO_COLOR: "1" } });
    await command.shown(/until Ctrl-C/);
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

test("wait exits with 0 when the item it waits for arrives", async (t) => {
  const server = await startObsvty(t);
  const command = startPiped(t, server, ["wait", "spans", "--name", "span 1", "--timeout", "30s"]);
  await untilWatched(server, 1);
  send(server, "traces", spansOf(3));
  const { code, stdout, stderr } = await command.ended;
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(JSON.parse(stdout).name, "span 1");
});

test("API_TOKEN of the environment is sent as a bearer token", async (t) => {
  const server = await startObsvty(t, { settings: { API_TOKEN: "secret" } });
  assert.equal((await startPiped(t, server, ["stats"]).ended).code, 1);
  const { code } = await startPiped(t, server, ["stats"], { env: { API_TOKEN: "secret" } }).ended;
  assert.equal(code, 0);
});

test("--version prints the version of the package", async (t) => {
  const { code, stdout } = await startPiped(t, { url: "" }, ["--version"]).ended;
  assert.deepEqual([code, stdout], [0, `${version}\n`]);
});

test("the server loads no module of the command line, and a command none of the server", async (t) => {
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
