import { fileURLToPath } from "node:url";
import type { Contender } from "./contenders.ts";
import { JsonLinesProcess } from "./json-lines-process.ts";
import type { LoadJob, LoadResult } from "./load.ts";
import { type PayloadName, payloads } from "./payloads.ts";
import { cpuMicros, loadCore } from "./proc.ts";
import type { Target } from "./target.ts";

/** One run at full speed. */
export interface Throughput {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly cpuMicrosPerRequest: number;
}

export type Latency = LoadResult["latencyMs"];

/** Connections and calls on each: a handful of busy exporters. */
const exporters = { connections: 4, streams: 16 } as const;

/** Starts the load generator on its core. */
export function startLoad(): JsonLinesProcess {
  const script = fileURLToPath(new URL("load.ts", import.meta.url));
  return new JsonLinesProcess([process.execPath, script], { core: loadCore });
}

/** One payload on one running server. */
export class Case {
  readonly #contender: Contender;
  readonly #target: Target;
  readonly #load: JsonLinesProcess;
  readonly #payload: PayloadName;

  constructor(contender: Contender, target: Target, load: JsonLinesProcess, payload: PayloadName) {
    this.#contender = contender;
    this.#target = target;
    this.#load = load;
    this.#payload = payload;
  }

  /** Sends more and more until it takes a third of `seconds`; then it is warm, and this many fill `seconds`. */
  async calibrate(seconds: number): Promise<number> {
    for (let requests = 32; ; requests *= 4) {
      const { elapsedMs } = await this.#send({ kind: "closed", requests });
      const perSecond = requests / (elapsedMs / 1000);
      if (elapsedMs >= (seconds * 1000) / 3) return Math.max(64, Math.round(perSecond * seconds));
    }
  }

  async throughput(requests: number): Promise<Throughput> {
    const before = cpuMicros(this.#target.pid);
    const { elapsedMs } = await this.#send({ kind: "closed", requests });
    return {
      requests,
      requestsPerSecond: requests / (elapsedMs / 1000),
      cpuMicrosPerRequest: (cpuMicros(this.#target.pid) - before) / requests,
    };
  }

  /** Requests that a server behind its rate leaves no stream for are not sent; the others then show a second. */
  async latency(perSecond: number, seconds: number): Promise<Latency> {
    return (await this.#send({ kind: "open", perSecond, seconds })).latencyMs;
  }

  /** @throws Error unless every request was answered with success and every item was counted */
  async #send(pace: LoadJob["pace"]): Promise<LoadResult> {
    const { protocol, httpVersion, title } = this.#contender;
    const { port } = this.#target;
    const before = await this.#target.counts();
    const job: LoadJob = { port, protocol, httpVersion, payload: this.#payload, ...exporters, pace };
    const result = await this.#load.ask<LoadResult>(job);
    const items = result.sent * payloads[this.#payload].items;
    const after = await this.#target.counts(before.items === undefined ? undefined : before.items + items);
    const what = `${title}, ${this.#payload}`;
    if (result.succeeded !== result.sent) {
      throw new Error(`${what}: ${JSON.stringify({ ...result, latencyMs: undefined })}`);
    }
    check(`${what}: requests`, before.requests, after.requests, result.sent);
    check(`${what}: items`, before.items, after.items, items);
    return result;
  }
}

function check(what: string, before: number | undefined, after: number | undefined, sent: number): void {
  if (before === undefined || after === undefined) return;
  if (after - before !== sent) throw new Error(`${what}: sent ${sent}, the server counted ${after - before}`);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
