import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

export interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves to the exit code and the signal. */
  readonly ended: Promise<unknown[]>;
}

/** Starts the server as a process of its own, from source. */
export function run(t: TestContext, settings: Readonly<Record<string, string>>): Running {
  const env = {
    ...process.env,
    OTLP_GRPC_HOST: "127.0.0.1",
    OTLP_GRPC_PORT: "0",
    OTLP_HTTP_PORT: "0",
    ...settings,
  };
  const child = spawn(process.execPath, [main], {
    env,
    cwd: fileURLToPath(new URL(".", import.meta.url)),
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  child.stderr.on("data", (chunk) => {
    text += chunk;
  });
  t.after(() => child.kill("SIGKILL"));
  return { child, output: () => text, ended: once(child, "close") };
}

/** Resolves to the address of its gRPC port. */
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
