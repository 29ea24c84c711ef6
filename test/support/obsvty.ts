import type { TestContext } from "node:test";
import { compose } from "../../src/compose.ts";
import type { Signal } from "../../src/domain/signal.ts";
import { startInProcess } from "../../src/process/in-process.ts";
import { destroyClients, type TestServer, type TestServerOptions, testLog } from "./server.ts";

/** A listening server with its real core. The rate limit is off unless a test sets it. */
export async function startObsvty(
  t: TestContext,
  { settings = {}, log, ...options }: Omit<TestServerOptions, "core"> = {},
): Promise<TestServer> {
  let logs: TestServer["logs"] = [];
  const { server, composition, url, httpUrl, close } = await startInProcess(compose, {
    ...options,
    settings: { ...defaults, ...settings },
    log: async (config) => {
      const used = log ?? (await testLog(config));
      logs = used.logs;
      return used.logger;
    },
  });
  t.after(() => {
    destroyClients(url);
    return close();
  });
  return {
    ...server,
    core: composition.core,
    logs,
    port: Number(new URL(url).port),
    url,
    httpUrl: String(httpUrl),
    // As SIGHUP does.
    reloadCredentials: async () => {
      await server.reloadCredentials();
      await composition.reloadCredentials?.();
    },
  };
}

const defaults = {
  LOG_LEVEL: "debug",
  SHUTDOWN_GRACE_MS: "200",
  MAX_BUFFER_BYTES: String(16 << 20),
  RATE_LIMIT_MAX: "0",
} as const;

export interface SignalFigures {
  readonly items: number;
  readonly bytes: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly refused: number;
  readonly evicted: number;
  readonly injected: number;
}

/** Calls `GetStats` as curl would. */
export async function statsOf({ url }: Pick<TestServer, "url">): Promise<Record<Signal, SignalFigures>> {
  const { signals } = (await query({ url }, "GetStats")) as {
    signals: Record<Signal, Record<keyof SignalFigures, string>>;
  };
  const figures = (of: Record<string, string>) =>
    Object.fromEntries(Object.entries(of).map(([name, figure]) => [name, Number(figure)]));
  return Object.fromEntries(
    Object.entries(signals).map(([signal, of]) => [signal, figures(of)]),
  ) as unknown as Record<Signal, SignalFigures>;
}

/** Calls `QueryService` in Connect JSON over HTTP/1.1; throws unless the answer is a 200. */
export async function query(
  { url }: Pick<TestServer, "url">,
  method: string,
  body: unknown = {},
  // biome-ignore lint/suspicious/noExplicitAny: tests read the JSON as it is
): Promise<any> {
  const response = await fetch(`${url}/obsvty.v1.QueryService/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${method}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** A process that a test starts takes long to load its modules on a machine that is busy. */
const patienceMs = 60_000;

/** Resolves with the first value of `look` that is not undefined, looking again each time the loop turns. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > endMs) throw new Error(`not true within ${patienceMs} ms: ${what}`);
    await new Promise(setImmediate);
  }
}
