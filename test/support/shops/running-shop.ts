import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import type { ServingLanguage } from "./languages.ts";
import { shopEnv } from "./prepare.ts";

export interface Order {
  readonly id: string;
  readonly amount: number;
}

/** A shop that serves, as a process of its own. */
export interface RunningShop {
  /** Resolves to the HTTP status. */
  readonly checkout: (order: Order) => Promise<number>;
  /** Asks it to end, as an operating system does. Resolves when it has sent what was left. */
  readonly stop: () => Promise<void>;
  /** What it has printed so far. */
  readonly output: () => string;
}

/** Starts a shop that was prepared in a folder. It is killed when the test ends. */
export async function startShop(
  t: TestContext,
  { server }: ServingLanguage,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<RunningShop> {
  const [program, ...args] = server.serve(folder);
  const child = spawn(program, args, { cwd: folder, env: shopEnv({ ...env, PORT: "0" }) });
  t.after(() => child.kill("SIGKILL"));
  const ended = once(child, "close");
  let output = "";
  const collect = (text: string) => {
    output += `${text}\n`;
  };
  createInterface(child.stderr).on("line", collect);
  const lines = createInterface(child.stdout).on("line", collect);
  await Promise.race([once(lines, "line"), ended]);
  const url = /the shop listens on (http:\S+)/.exec(output)?.[1];
  if (url === undefined) throw new Error(`the shop did not start: ${output}`);
  return {
    checkout: async (order) => {
      const answer = await fetch(`${url}/checkout`, { method: "POST", body: JSON.stringify(order) });
      await answer.arrayBuffer();
      return answer.status;
    },
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
    output: () => output,
  };
}
