import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";

export interface Program {
  readonly pid: number;
  /** Host and port. */
  readonly grpc: string;
  readonly http: string;
  /** Sends SIGTERM. Resolves to the exit code and the signal. */
  readonly stop: () => Promise<unknown[]>;
}

export interface ProgramOptions {
  readonly env: NodeJS.ProcessEnv;
  /** @default ours */
  readonly cwd?: string;
}

/**
 * Starts a program of obsvty, as it is handed out, as a server on free ports of loopback. Resolves once it listens.
 * It is killed when the test ends.
 * @param command the program and its arguments
 */
export async function startProgram(
  t: TestContext,
  [path = "", ...args]: readonly string[],
  { env, cwd }: ProgramOptions,
): Promise<Program> {
  const loopback = { OTLP_GRPC_HOST: "127.0.0.1", OTLP_GRPC_PORT: "0", OTLP_HTTP_PORT: "0" };
  const child = spawn(path, args, { cwd, env: { ...env, ...loopback } });
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
      return { pid: Number(child.pid), grpc, http, stop };
    }
    const exited = await Promise.race([once(child.stdout, "data").then(() => false), ended.then(() => true)]);
    assert.ok(!exited, `the server ended before it listened: ${output}`);
  }
}

export const smokeTraceId = "5b8efff798038103d269b633813fc60c";

/** Sends one span by OTLP/JSON. @returns the answer */
export function postSpan({ http }: Program, { name = "smoke", service = "smoke" } = {}): Promise<Response> {
  const spans = [{ traceId: smokeTraceId, spanId: "eee19b7ec3c1b174", name }];
  const attributes = [{ key: "service.name", value: { stringValue: service } }];
  return fetch(`http://${http}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }] }),
  });
}

/** Why the server could not hand on to Kafka, as soon as it says so. */
export async function kafkaFailure({ http }: Program): Promise<string> {
  for (;;) {
    const health = await (await fetch(`http://${http}/health`)).text();
    const { lastFailure } = JSON.parse(health).sinks.kafka;
    if (lastFailure !== undefined) return lastFailure;
  }
}
