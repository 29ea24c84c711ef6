import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { before, describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { residentBytes } from "../bench/proc.ts";
import { kafkaFailure, postSpan, smokeTraceId, startProgram } from "../support/program.ts";

/*
 * The package as it is published: packed, and installed in an empty folder with its dependencies alone, on the lowest
 * Node that `engines` names and on the one that the project pins. Nothing else in the project runs on the former, or
 * without devDependencies.
 */

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  version: string;
  engines: { node: string };
};

/** All files of the package and of what it needs. */
const maxInstalledBytes = 35 * 2 ** 20;

let folder: string;
let program: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "obsvty-smoke-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  program = await installed();
  cpSync(fileURLToPath(new URL("consumer", import.meta.url)), folder, { recursive: true });
});

const nodes = [
  ["the lowest Node of engines", lowestNode],
  ["the newest Node", async () => process.execPath],
] as const;

for (const [name, find] of nodes) {
  describe(`on ${name}:`, () => {
    let node: string;
    before(async () => {
      node = await find();
    });

    test(`the program of the package says its version on ${name}`, async () => {
      const { stdout } = await npx(node, "--version");
      assert.equal(stdout, `${manifest.version}\n`);
    });

    test(`the server of the package takes an export, a command finds it, and the server ends with 0, on ${name}`, async (t) => {
      const server = await serve(t, node);
      const exported = await postSpan(server);
      assert.deepEqual([exported.status, await exported.json()], [200, {}]);

      const { stdout } = await npx(node, "search", "spans", "--json", "--endpoint", `http://${server.grpc}`);
      assert.equal(JSON.parse(stdout).traceId, smokeTraceId);
      const page = await fetch(`http://${server.grpc}/`);
      assert.match(await page.text(), /<title>obsvty<\/title>/);

      assert.deepEqual(await server.stop(), [0, null]);
    });

    test(`the server of the package starts with Kafka set up, and says that no broker is there, on ${name}`, async (t) => {
      const server = await serve(t, node, { FORWARD_KAFKA_BROKERS: "127.0.0.1:1" });
      assert.equal((await postSpan(server)).status, 200);
      assert.equal(await kafkaFailure(server), "ECONNREFUSED");
    });

    for (const file of ["esm.test.mjs", "cjs.test.cjs"]) {
      test(`a test that imports obsvty/testing passes, in ${file} on ${name}`, async () => {
        const { stdout } = await run(node, ["--test", "--test-reporter=tap", file], {
          cwd: folder,
          env: environment(node),
        });
        assert.match(stdout, /^# pass 1$/m);
      });
    }
  });
}

test("the lowest Node is the one that engines names", async () => {
  const { stdout } = await run(await lowestNode(), ["--version"]);
  assert.equal(`>=${stdout.trim().slice(1)}`, `${manifest.engines.node}.0`);
});

/** What the server may take beside Node when nothing is sent to it. It was 26 MiB when this was written. */
const maxIdleBytesBesideNode = 33 * 2 ** 20;

test("the idle server of the package takes little memory beside what Node with two servers takes", {
  skip: process.platform !== "linux" && "Linux alone tells of a process what memory is resident",
}, async (t) => {
  const bare = await bareServers(t);
  const { pid } = await serve(t, process.execPath);
  const bytes = residentBytes(pid, "now") - residentBytes(bare, "now");
  t.diagnostic(`${(bytes / 2 ** 20).toFixed(1)} MiB`);
  assert.ok(bytes <= maxIdleBytesBesideNode, `${bytes} bytes`);
});

test("the package is small, with all that it needs", (t) => {
  const modules = join(folder, "node_modules");
  const bytes = readdirSync(modules, { recursive: true, encoding: "utf8" })
    .map((path) => statSync(join(modules, path)))
    .reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
  t.diagnostic(`${(bytes / 2 ** 20).toFixed(1)} MiB`);
  assert.ok(bytes <= maxInstalledBytes, `${bytes} bytes`);
});

test("the package has the licence of each package whose code is in it", () => {
  const dist = join(folder, "node_modules/obsvty/dist");
  const maps = readdirSync(dist).filter((name) => name.endsWith(".js.map"));
  const sources = maps.flatMap(
    (name) => JSON.parse(readFileSync(join(dist, name), "utf8")).sources as string[],
  );
  const bundled = sources.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  assert.ok(bundled.includes("zod") && bundled.includes("@modelcontextprotocol/server"));
  const ofPage = ["preact", "@preact/signals", "@preact/signals-core", "uplot"];
  const licenses = readFileSync(join(dist, "THIRD-PARTY-LICENSES.txt"), "utf8");
  const names = new Set([...bundled, ...ofPage, "assemblyscript"]);
  // A part of @modelcontextprotocol/server.
  names.delete("@modelcontextprotocol/core-internal");
  assert.ok(names.has("ajv"), "what has been bundled into a bundled package counts too");
  for (const name of names) {
    const [, text = ""] = licenses.split(`\n${name} `);
    const [own = ""] = text.split("-".repeat(80));
    assert.match(own, /^(?:\d+\.\d+\.\d+ )?\((?:MIT|Apache-2\.0|BSD-3-Clause)\)\n/, name);
    assert.match(own, /Permission is hereby granted|TERMS AND CONDITIONS|Redistribution and use/, name);
  }
});

/** The resolutions of modules that projects have, each with a file that uses the declarations. */
const resolutions = [
  ["node16", "node16", "consumer.mts"],
  ["nodenext", "nodenext", "consumer.mts"],
  ["bundler", "esnext", "consumer.mts"],
  ["nodenext", "nodenext", "consumer.cts"],
] as const;

for (const [moduleResolution, module, file] of resolutions) {
  test(`${file} compiles with moduleResolution ${moduleResolution}, without types of Node or of a browser`, async () => {
    const flags = { module, moduleResolution, target: "es2022", lib: "es2022", types: "" };
    const args = Object.entries(flags).flatMap(([flag, value]) => (value === "" ? [] : [`--${flag}`, value]));
    const strictly = ["--strict", "--noEmit", "--exactOptionalPropertyTypes", "--skipLibCheck", "false"];
    await run(join(root, "node_modules/.bin/tsc"), ["--ignoreConfig", ...strictly, ...args, file], {
      cwd: folder,
    }).catch(({ stdout }) => assert.fail(stdout));
  });
}

/** The program of that Node, from the package that npm has of it for this platform, kept between runs. */
async function lowestNode(): Promise<string> {
  const version = `${manifest.engines.node.replace(">=", "")}.0`;
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(root, "node_modules/.cache", `node-${version}`);
  const path = join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(path)) await npm("install", "--prefix", folder, "--no-save", `${name}@${version}`);
  return path;
}

/** Packs what would be published and installs it in the empty folder. */
async function installed(): Promise<string> {
  await npm("pack", "--silent", "--pack-destination", folder);
  const tarball = join(folder, `obsvty-${manifest.version}.tgz`);
  await npm("install", "--prefix", folder, "--no-save", "--omit=dev", "--prefer-offline", tarball);
  return join(folder, "node_modules/obsvty/dist/main.js");
}

function npm(...args: string[]) {
  return run("npm", [...args, "--no-audit", "--no-fund"], { cwd: root });
}

/** As a person calls it, in the folder. */
function npx(node: string, ...args: string[]) {
  return run("npx", ["--no-install", "obsvty", ...args], { cwd: folder, env: environment(node) });
}

/** With that Node ahead of others, and without what `npm run` says of this repository. */
function environment(node: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_(?:TEST|V8|OPTIONS)/.test(name));
  return { ...Object.fromEntries(own), PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
}

/** The server on that Node. */
/** Starts Node with two servers that do nothing. It is killed when the test ends. @returns its process id */
async function bareServers(t: TestContext): Promise<number> {
  const script = `
    require("node:http2").createServer().listen(0, "127.0.0.1");
    require("node:http").createServer().listen(0, "127.0.0.1", () => console.log("listening"));
  `;
  const child = spawn(process.execPath, ["--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return Number(child.pid);
}

function serve(t: TestContext, node: string, settings: Readonly<Record<string, string>> = {}) {
  return startProgram(t, [node, program], { env: { ...process.env, ...settings } });
}
