import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/*
 * The package as it is published, on the lowest Node that `engines` names: the built program, installed with
 * its dependencies alone. Nothing else in the project runs on that Node, or without devDependencies.
 */

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  version: string;
  engines: { node: string };
};

const traceId = "5b8efff798038103d269b633813fc60c";
const request = {
  resourceSpans: [{ scopeSpans: [{ spans: [{ traceId, spanId: "eee19b7ec3c1b174", name: "smoke" }] }] }],
};

let node: string;
let program: string;

before(async () => {
  const folder = mkdtempSync(join(tmpdir(), "obsvty-smoke-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  node = await lowestNode();
  program = await installed(folder);
});

test("is the lowest Node that engines names", async () => {
  const { stdout } = await run(node, ["--version"]);
  assert.equal(`>=${stdout.trim().slice(1)}`, `${manifest.engines.node}.0`);
});

test("the program says its version", async () => {
  const { stdout } = await run(node, [program, "--version"]);
  assert.equal(stdout, `${manifest.version}\n`);
});

test("the server takes an export, a command finds it, and the server ends with 0", async (t) => {
  const server = await serve(t);
  const exported = await fetch(`http://${server.http}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  assert.deepEqual([exported.status, await exported.json()], [200, {}]);

  const env = { ...process.env, OBSVTY_ENDPOINT: `http://${server.grpc}` };
  const { stdout } = await run(node, [program, "search", "spans", "--json"], { env });
  assert.equal(JSON.parse(stdout).traceId, traceId);

  assert.deepEqual(await server.stop(), [0, null]);
});

test("the server starts with Kafka set up, and says that no broker is there", async (t) => {
  const server = await serve(t, { FORWARD_KAFKA_BROKERS: "127.0.0.1:1" });
  const exported = await fetch(`http://${server.http}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  assert.equal(exported.status, 200);
  for (let failure: unknown; failure === undefined; ) {
    const health = await (await fetch(`http://${server.http}/health`)).text();
    failure = JSON.parse(health).sinks.kafka.lastFailure;
    if (failure !== undefined) assert.equal(failure, "ECONNREFUSED");
  }
});

/** The program of that Node, from the package that npm has of it for this platform, kept between runs. */
async function lowestNode(): Promise<string> {
  const version = `${manifest.engines.node.replace(">=", "")}.0`;
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(root, "node_modules/.cache", `node-${version}`);
  const path = join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(path)) await npm("install", "--prefix", folder, "--no-save", `${name}@${version}`);
  return path;
}

/** Packs what would be published and installs it in a folder of its own. */
async function installed(folder: string): Promise<string> {
  await npm("pack", "--silent", "--pack-destination", folder);
  const tarball = join(folder, `obsvty-${manifest.version}.tgz`);
  await npm("install", "--prefix", folder, "--no-save", "--omit=dev", "--prefer-offline", tarball);
  return join(folder, "node_modules/obsvty/dist/main.js");
}

function npm(...args: string[]) {
  return run("npm", [...args, "--no-audit", "--no-fund"], { cwd: root });
}

interface Serving {
  readonly grpc: string;
  readonly http: string;
  readonly stop: () => Promise<unknown[]>;
}

async function serve(t: TestContext, settings: Readonly<Record<string, string>> = {}): Promise<Serving> {
  const loopback = { OTLP_GRPC_HOST: "127.0.0.1", OTLP_GRPC_PORT: "0", OTLP_HTTP_PORT: "0" };
  const env = { ...process.env, ...loopback, ...settings };
  const child = spawn(node, [program], { env });
  t.after(() => child.kill("SIGKILL"));
  const ended = once(child, "close");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  for (;;) {
    const line = output.split("\n").find((text) => text.includes('"msg":"listening"'));
    if (line !== undefined) {
      const { grpc, http } = JSON.parse(line);
      const stop = () => {
        child.kill("SIGTERM");
        return ended;
      };
      return { grpc, http, stop };
    }
    const exited = await Promise.race([once(child.stdout, "data").then(() => false), ended.then(() => true)]);
    assert.ok(!exited, `the server ended before it listened: ${output}`);
  }
}
