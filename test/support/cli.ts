import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Readable, Writable } from "node:stream";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { type IPty, spawn as spawnPty } from "@lydell/node-pty";
import { runCli } from "../../src/cli/run.ts";
import { compose, createOtlpClient } from "../../src/compose.ts";
import { startReceiver } from "../../src/process/start-receiver.ts";
import { eventually } from "./obsvty.ts";
import type { TestServer } from "./server.ts";

/** The program, run from source. */
export const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Makes stdout a terminal with this many columns and without colours. */
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What it reads, in this process. */
  readonly stdin?: string | AsyncIterable<Uint8Array>;
  /** Called with each text written to stderr. */
  readonly onStderr?: (text: string) => void;
}

/** Runs the command line in this process, which is faster than a process of its own. */
export async function runHere(
  { url }: Pick<TestServer, "url">,
  args: readonly string[],
  { columns, env = {}, onStderr, stdin }: RunOptions = {},
): Promise<Ended> {
  const [stdout, stderr] = [new TextSink(), new TextSink(onStderr)];
  if (columns !== undefined) Object.assign(stdout, { isTTY: true, columns, getColorDepth: () => 1 });
  const code = await runCli(args, {
    stdout,
    stderr,
    env: { OBSVTY_ENDPOINT: url, ...env },
    stdin: Readable.from(typeof stdin === "object" ? stdin : [Buffer.from(stdin ?? "")]),
    serve: async () => {
      stdout.write("served\n");
    },
    openOtlpEndpoint: async (endpoint) => createOtlpClient(endpoint),
    startReceiver: () => startReceiver(compose),
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class TextSink extends Writable {
  text = "";
  readonly #onText: ((text: string) => void) | undefined;

  constructor(onText?: (text: string) => void) {
    super();
    this.#onText = onText;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    this.#onText?.(String(chunk));
    done();
  }
}

/** The environment of a process that a test starts. */
export function processEnv(env: RunOptions["env"]): NodeJS.ProcessEnv {
  // On CI Node thinks that no terminal has colours.
  const { CI, NO_COLOR, FORCE_COLOR, API_TOKEN, ...rest } = process.env;
  return { ...rest, TZ: "UTC", ...env };
}

export interface PipedCommand {
  readonly child: ChildProcess;
  /** The text on stdout so far. */
  readonly stdout: () => string;
  readonly ended: Promise<Ended>;
  /** Resolves once stdout matches. */
  readonly printed: (pattern: RegExp) => Promise<unknown>;
}

/** Runs the command line as a process with pipes. */
export function startPiped(
  t: TestContext,
  { url }: Pick<TestServer, "url">,
  args: readonly string[],
  { env }: RunOptions = {},
): PipedCommand {
  const child = spawn(process.execPath, [main, ...args], {
    env: processEnv({ OBSVTY_ENDPOINT: url, ...env }),
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    text.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    text.stderr += chunk;
  });
  t.after(() => child.kill("SIGKILL"));
  return {
    child,
    stdout: () => text.stdout,
    ended: once(child, "close").then(([code]) => ({ code, ...text })),
    printed: (pattern) => eventually(String(pattern), () => pattern.test(text.stdout) || undefined),
  };
}

export interface TerminalCommand {
  readonly pty: IPty;
  /** The text sent to the terminal so far. */
  readonly screen: () => string;
  readonly ended: Promise<{ readonly exitCode: number; readonly signal?: number }>;
  /** Resolves once the screen matches. */
  readonly shown: (pattern: RegExp) => Promise<unknown>;
}

/** Runs the command line as a process on a terminal. */
export function startOnTerminal(
  t: TestContext,
  { url }: Pick<TestServer, "url">,
  args: readonly string[],
  { columns = 100, env }: RunOptions = {},
): TerminalCommand {
  const pty = spawnPty(process.execPath, [main, ...args], {
    name: "xterm-256color",
    cols: columns,
    rows: 40,
    env: processEnv({ OBSVTY_ENDPOINT: url, ...env }),
  });
  let text = "";
  const ended = Promise.withResolvers<{ exitCode: number; signal?: number }>();
  let hasEnded = false;
  pty.onData((chunk) => {
    text += chunk;
  });
  pty.onExit((end) => {
    hasEnded = true;
    ended.resolve(end);
  });
  t.after(() => {
    if (!hasEnded) pty.kill("SIGKILL");
  });
  return {
    pty,
    screen: () => text,
    ended: ended.promise,
    shown: (pattern) => eventually(String(pattern), () => pattern.test(text) || undefined),
  };
}
