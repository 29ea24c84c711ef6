import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { JsonLinesProcess } from "./json-lines-process.ts";
import { serverCore } from "./proc.ts";
import type { LoopTurns } from "./servers/loop-turns.ts";
import type { Counts } from "./servers/report.ts";

/** A running server under test. */
export interface Target extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /**
   * What it counted since it started. Of a server that hands on, what has arrived where it hands on to.
   * @param items that such a server waits for, up to half a minute
   */
  readonly counts: (items?: number) => Promise<Counts>;
}

/** A server of this folder, or one in another language that follows the same protocol on stdio. */
export async function startPeer(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Target> {
  const child = new JsonLinesProcess(command, { core: serverCore, env });
  const { port } = await child.next<{ port: number }>();
  return {
    pid: child.pid,
    port,
    counts: () => child.ask<Counts>("counts"),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

export const repository = fileURLToPath(new URL("../../", import.meta.url));

/** Builds obsvty, which is what all of this measures. */
export function buildObsvty(checkout = repository): void {
  execFileSync("npm", ["run", "--silent", "build"], {
    cwd: checkout,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** The command of the built server; `nodeOptions` go before the script. */
export function obsvtyCommand(nodeOptions: readonly string[] = [], checkout = repository): readonly string[] {
  return [process.execPath, ...nodeOptions, join(checkout, "dist/main.js")];
}

/** Settings under which the limiter counts every call and refuses none. */
export const obsvtyEnv = {
  OTLP_GRPC_HOST: "127.0.0.1",
  OTLP_GRPC_PORT: "0",
  OTLP_HTTP_PORT: "off",
  RATE_LIMIT_MAX: "1000000000",
  LOG_FORMAT: "json",
  LOG_LEVEL: "info",
} as const;

/** obsvty as a target; its turns are told when the command loads `servers/loop-turns.ts`. */
export interface ObsvtyTarget extends Target {
  /** What was used since the last question. */
  readonly turns: () => Promise<LoopTurns>;
}

/** The built obsvty, with settings of its own on top. */
export async function startObsvty(
  settings: Readonly<Record<string, string>> = {},
  command: readonly string[] = obsvtyCommand(),
): Promise<ObsvtyTarget> {
  const child = new JsonLinesProcess(command, {
    core: serverCore,
    env: { ...obsvtyEnv, ...settings },
  });
  const { grpc } = await child.nextWith<"grpc", string>("grpc");
  const port = Number(grpc.split(":").at(-1));
  return {
    pid: child.pid,
    port,
    counts: async () => {
      const stats = Object.values((await getStats(port)).signals);
      const items = stats.reduce((sum, { accepted = 0 }) => sum + Number(accepted), 0);
      const refused = stats.reduce(
        (sum, one) => sum + Number(one.refused ?? 0) + Number(one.rejected ?? 0),
        0,
      );
      if (refused > 0) throw new Error(`obsvty refused ${refused} requests or items`);
      return { items };
    },
    turns: async () => {
      child.tell("turns");
      return (await child.nextWith<"longestTurnMs", number>("longestTurnMs")) as unknown as LoopTurns;
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** 64-bit numbers are strings in protobuf's JSON, and zeros are left out. */
type Stats = Readonly<
  Record<
    string,
    Readonly<Record<"items" | "bytes" | "accepted" | "evicted" | "refused" | "rejected", string | undefined>>
  >
>;

export function getStats(port: number): Promise<{ readonly signals: Stats }> {
  return query(port, "GetStats", {});
}

/** A call of obsvty's QueryService, in JSON as with curl. */
export async function query<T>(port: number, method: string, request: object): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}/obsvty.v1.QueryService/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  if (!response.ok) throw new Error(`${method}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
