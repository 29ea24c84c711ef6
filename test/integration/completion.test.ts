import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { delimiter, join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { spawn as spawnPty } from "@lydell/node-pty";
import type { Command } from "commander";
import { createProgram } from "../../src/cli/program.ts";
import { main, processEnv, runHere } from "../support/cli.ts";
import { eventually, startObsvty } from "../support/obsvty.ts";
import type { TestServer } from "../support/server.ts";
import { testFolder } from "../support/test-folder.ts";
import { lacking } from "../support/tools.ts";

const nowhere = { url: "http://127.0.0.1:1" };
const traceId = "5b8efff798038103d269b633813fc60c";
const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
const resource = { attributes: [attribute("service.name", "my shop")] };

/** A server that holds a span and a data point of a service whose name has a space. */
async function startFilled(t: TestContext): Promise<TestServer> {
  const server = await startObsvty(t);
  const span = {
    traceId,
    spanId: "eee19b7ec3c1b174",
    name: "GET /cart/$id",
    attributes: [attribute("cart.id", "c:1"), attribute("cart.note", "a\tb")],
  };
  const metric = {
    name: "shop.orders",
    gauge: { dataPoints: [{ asInt: "1", timeUnixNano: "1795428000000000000" }] },
  };
  await send(server, "traces", { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
  await send(server, "metrics", { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [metric] }] }] });
  return server;
}

async function send({ url }: TestServer, signal: string, request: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const { status } = await fetch(`${url}/v1/${signal}`, {
    method: "POST",
    headers,
    body: JSON.stringify(request),
  });
  assert.equal(status, 200);
}

/** What completes the last word, without what the candidates mean; the first is what the shell adds. */
async function completed(server: Pick<TestServer, "url">, words: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runHere(server, ["completion", "zsh", "--", ...words]);
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t")[0] ?? "");
}

describe("completion completes", () => {
  for (const [what, words, expected] of [
    ["a command", ["ta"], ["nothing", "tail"]],
    ["what a command is about", ["search", "s"], ["nothing", "spans"]],
    ["what an alias of a command is about", ["tail", "span", "--kin"], ["nothing", "--kind"]],
    ["a flag behind another", ["top", "--kind", "server", "--int"], ["nothing", "--interval"]],
    ["a global flag before the command", ["--json", "sta"], ["nothing", "stats"]],
    ["a global flag behind the command", ["search", "logs", "--endp"], ["nothing", "--endpoint"]],
    ["the value of a flag", ["search", "spans", "--kind", "s"], ["nothing", "server"]],
    ["the value of a flag behind =", ["top", "--status-code=e"], ["nothing", "--status-code=error"]],
    ["one value of several with commas", ["top", "--group-by", "name,k"], ["nothing", "name,kind"]],
    ["a command of help", ["help", "count", "l"], ["nothing", "logs"]],
    ["a shell", ["completion", "f"], ["nothing", "fish"]],
    ["a file, by the shell", ["--ca", "x"], ["files"]],
    ["a file or the word server", ["diff", "before.json", ""], ["files", "server"]],
    ["each of many files, by the shell", ["replay", "a.json", "b"], ["files"]],
    ["the command of run, by the shell", ["run", "--follow", "--", "no"], ["commands"]],
    ["no flag behind --", ["clear", "--", "-"], ["nothing"]],
    ["no value that is free text", ["search", "spans", "--where", ""], ["nothing"]],
  ] as const) {
    test(`completion completes ${what}: obsvty ${words.join(" ")}`, async () => {
      assert.deepEqual(await completed(nowhere, words), expected);
    });
  }

  for (const [what, words, expected] of [
    ["the name of a service", ["search", "spans", "--service", ""], ["my shop"]],
    ["the name of a span", ["tail", "traces", "--name", "GET"], ["GET /cart/$id"]],
    ["the name of a metric", ["query", "sh"], ["shop.orders"]],
    ["the name of a metric as a filter", ["search", "metrics", "--name=s"], ["--name=shop.orders"]],
    ["the key of an attribute", ["wait", "spans", "--attribute", "cart.i"], ["cart.id="]],
    ["the value of an attribute", ["wait", "spans", "--attribute", "cart.id="], ["cart.id=c:1"]],
    [
      "the attribute to group by",
      ["top", "--group-by", "name,attributes.cart.i"],
      ["name,attributes.cart.id"],
    ],
    ["the beginning of keys", ["attributes", "metrics", "--prefix", "ser"], ["service.name"]],
    ["a trace id", ["trace", "5b"], [traceId]],
  ] as const) {
    test(`completion asks the server for ${what}: obsvty ${words.join(" ")}`, async (t) => {
      const server = await startFilled(t);
      assert.deepEqual(await completed(server, words), ["nothing", ...expected]);
    });
  }
});

test("completion offers each flag that the help of a command lists", async () => {
  for (const command of commandsOf(programHere())) {
    const path = pathOf(command);
    const { stdout } = await runHere(nowhere, [...path, "--help"]);
    const flags = Array.from(stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm), ([, flag = ""]) => flag);
    assert.ok(flags.includes("--help"), path.join(" "));
    assert.deepEqual(new Set(await completed(nowhere, [...path, "--"])), new Set(["nothing", ...flags]));
  }
});

function programHere(): Command {
  const silent = () => {};
  return createProgram({ version: "", words: [], onRequest: silent, write: silent, writeError: silent });
}

function commandsOf(command: Command): Command[] {
  return command.commands.flatMap((each) => [each, ...commandsOf(each)]);
}

function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()];
}

test("completion calls the server that the flags of the line name, with the token of the environment", async (t) => {
  const server = await startObsvty(t, { settings: { API_TOKEN: "secret" } });
  const span = { traceId, spanId: "eee19b7ec3c1b174", name: "a" };
  await send(server, "traces", { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
  const words = ["search", "spans", "--endpoint", server.url, "--service", ""];
  const { stdout } = await runHere(nowhere, ["completion", "zsh", "--", ...words], {
    env: { API_TOKEN: "secret" },
  });
  assert.match(stdout, /^my shop\t$/m);
});

test("completion is silent when nothing answers, when a flag is wrong and when the server takes too long", async (t) => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  await eventually("the server listens", () => silent.listening || undefined);
  const { port } = silent.address() as { port: number };
  for (const url of ["http://127.0.0.1:1", "nonsense", `http://127.0.0.1:${port}`]) {
    const words = ["search", "spans", "--endpoint", url, "--service", ""];
    assert.deepEqual(await completed(nowhere, words), ["nothing"]);
  }
  assert.equal(sockets.length, 1);
});

test("completion does not offer what has a control character in it", async (t) => {
  const server = await startFilled(t);
  const keys = await completed(server, ["search", "spans", "--attribute", "cart."]);
  assert.deepEqual(keys, ["nothing", "cart.id=", "cart.note="]);
  assert.deepEqual(await completed(server, ["search", "spans", "--attribute", "cart.note="]), ["nothing"]);
});

test("completion of an unknown shell ends with 2 and names the shells", async () => {
  const { code, stderr } = await runHere(nowhere, ["completion", "tcsh"]);
  assert.equal(code, 2);
  assert.match(stderr, /bash, zsh, fish/);
});

const prompt = "obsvty-test> ";
const shells = {
  bash: { args: ["--noprofile", "--norc", "-i"], load: "set -u; source <(obsvty completion bash)" },
  zsh: { args: ["-f", "-i"], load: "autoload -U compinit; compinit -D; source <(obsvty completion zsh)" },
  fish: { args: ["--no-config", "-i"], load: "obsvty completion fish | source" },
} as const;

/** What is typed before the Tab key, and what the line then is; `printf` shows the word as a command gets it. */
const lines = [
  ["obsvty tai", ["tail"]],
  ["obsvty search spans --kind=s", ["search", "spans", "--kind=server"]],
  ["obsvty search spans --service m", ["search", "spans", "--service", "my shop"]],
  ['obsvty search spans --name "GET', ["search", "spans", "--name", "GET /cart/$id"]],
  ["obsvty search spans --name GET\\ /c", ["search", "spans", "--name", "GET /cart/$id"]],
  ["obsvty search spans --attribute cart.id=c", ["search", "spans", "--attribute", "cart.id=c:1"]],
  ["obsvty --ca=ca.p", ["--ca=ca.pem"]],
  ["obsvty replay ca.p", ["replay", "ca.pem"]],
  ["obsvty search spans --where x", ["search", "spans", "--where", "x"]],
  ["obsvty run -- obsvty-on", ["run", "--", "obsvty-only-here"]],
] as const;

describe("the Tab key completes a line", () => {
  for (const [shell, { args, load }] of Object.entries(shells)) {
    test(`the Tab key completes lines in ${shell}`, { skip: lacking(shell) }, async (t) => {
      const server = await startFilled(t);
      const folder = testFolder(t);
      writeFileSync(join(folder, "ca.pem"), "");
      // With the words that are completed it is the program; else it prints the words that it got.
      const program = `#!/bin/sh
if [ "$1" = completion ]; then exec "${process.execPath}" "${main}" "$@"; fi
printf '[%s]' "$@"; echo
`;
      writeFileSync(join(folder, "obsvty"), program, { mode: 0o755 });
      writeFileSync(join(folder, "obsvty-only-here"), program, { mode: 0o755 });
      const pty = spawnPty(shell, [...args], {
        name: "xterm",
        cols: 200,
        rows: 40,
        cwd: folder,
        env: processEnv({
          OBSVTY_ENDPOINT: server.url,
          PATH: `${folder}${delimiter}${process.env.PATH}`,
          HOME: folder,
          PS1: prompt,
        }),
      });
      t.after(() => pty.kill("SIGKILL"));
      let screen = "";
      pty.onData((text) => {
        screen += text;
      });
      const shown = (text: string) =>
        eventually(`${text} in ${screen}`, () => screen.includes(text) || undefined);
      pty.write(`${load}; echo load''ed\r`);
      await shown("loaded\r\n");
      for (const [typed, words] of lines) {
        screen = "";
        pty.write(`${typed}\t\r`);
        await shown(words.map((word) => `[${word}]`).join(""));
        assert.doesNotMatch(screen, /unbound|_obsvty/);
      }
    });
  }
});
