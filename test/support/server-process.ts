import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

export interface Running {
  readonly child: ChildProcess;
  /** What it has written so far. */
  readonly output: () => string;
  /** The part of it that came by stderr. */
  readonly errors: () => string;
  /** Resolves to the exit code and the signal. */
  readonly ended: Promise<unknown[]>;
}

export interface RunOptions {
  /** A file descriptor for its stdout. @default a pipe, for `output` */
  readonly stdout?: number;
  /** A command of a shell that runs before, such as `ulimit`. */
  readonly before?: string;
  /** Starts it by this script of package.json, as users of a checkout do. */
  readonly script?: string;
}

/** The server as a process of its own, on free ports of loopback. It is killed when the test ends. */
export function run(
  t: TestContext,
  settings: Readonly<Record<string, string>>,
  { stdout, before, script }: RunOptions = {},
): Running {
  const env = {
    ...process.env,
    OTLP_GRPC_HOST: "127.0.0.1",
    OTLP_GRPC_PORT: "0",
    OTLP_HTTP_PORT: "0",
    ...settings,
  };
  const [command = "", ...args] =
    script !== undefined
      ? ["npm", "--silent", "--prefix", repository, "run", script]
      : before === undefined
        ? [process.execPath, main]
        : ["sh", "-c", `${before} && exec "$0" "$1"`, process.execPath, main];
  const child: ChildProcess = spawn(command, args, {
    env,
    // Without a `.env` of the developer's.
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    stdio: ["ignore", stdout ?? "pipe", "pipe"],
    // A signal that a script does not pass on must not leave the server running.
    detached: script !== undefined,
  });
  let text = "";
  let errors = "";
  child.stdout?.on("data", (chunk) => {
    text += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    text += chunk;
    errors += chunk;
  });
  t.after(() => (script === undefined ? child.kill("SIGKILL") : killGroup(child)));
  return { child, output: () => text, errors: () => errors, ended: once(child, "close") };
}

function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-Number(pid), "SIGKILL");
  } catch {
    // All of it has ended.
  }
}

/** The address of the first port. */
export async function untilListening({ child, output }: Running): Promise<string> {
  for (;;) {
    const address = /"grpc":"([^"]+)"/.exec(output())?.[1];
    if (address !== undefined) return address;
    await Promise.race([
      once(child.stdout as NodeJS.ReadableStream, "data"),
      once(child, "exit").then(() => assert.fail(output())),
    ]);
  }
}

/** Runs a server whose settings stop its start: with exit code 1, and one line without the secret `s3cret`. */
export async function assertStartRefused(
  t: TestContext,
  settings: Readonly<Record<string, string>>,
  pattern: RegExp,
): Promise<void> {
  const running = run(t, settings);
  assert.deepEqual(await running.ended, [1, null]);
  const line = running.output().trim();
  assert.match(line.replace(/^obsvty: /, ""), pattern);
  assert.ok(!line.includes("\n") && !line.includes("s3cret"));
}
