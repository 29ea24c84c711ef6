import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { JsonLinesProcess } from "../bench/json-lines-process.ts";
import type { LoadJob, LoadResult } from "../bench/load.ts";
import { startLoad } from "../bench/measure.ts";
import { loadCore, residentBytes } from "../bench/proc.ts";
import { getStats } from "../bench/target.ts";
import type { AttackJob, AttackResult } from "./attacker.ts";
import type { AttackName } from "./attacks/attacks.ts";
import { type HealthSample, watchHealth } from "./health.ts";
import { type ReaderCounts, read } from "./readers.ts";
import { startSized } from "./sized-server.ts";

export interface SoakOptions {
  readonly seconds: number;
  /** They take turns. */
  readonly attackers: readonly AttackName[];
  /** The memory that the server is sized for. */
  readonly memoryBytes: number;
  /** Called after each round of an attack. */
  readonly onRound: (round: AttackRound) => void;
}

export interface AttackRound extends AttackResult {
  readonly atMs: number;
  readonly residentBytes: number;
}

export interface SoakOutcome {
  readonly load: readonly LoadResult[];
  readonly samples: readonly HealthSample[];
  /** In the order in which they ended, their times since the begin like those of samples. */
  readonly rounds: readonly AttackRound[];
  readonly readers: ReaderCounts;
  /** By signal, as GetStats has them. */
  readonly kept: Readonly<Record<string, Record<"accepted" | "items" | "evicted", number>>>;
  readonly peakBytes: number;
}

export const soakPayload = "100 spans";
const exporters = {
  protocol: "grpc",
  httpVersion: 2,
  payload: soakPayload,
  connections: 8,
  streams: 32,
  readStatus: true,
} as const;
const requestsPerJob = 2_000;
const longestRoundMs = 45_000;
const holdMs = 5_000;

/**
 * Runs the built server under load, half of the time at capacity and then at twice it, with readers and
 * attackers beside. Nobody reads the server's log.
 * @throws Error that names the attack when the server ends, or cuts a connection of the load or refuses it
 */
export async function soak(options: SoakOptions): Promise<SoakOutcome> {
  const { seconds, attackers, memoryBytes, onRound } = options;
  await using server = await startSized(memoryBytes);
  await using load = startLoad();
  const over = new AbortController();
  const half = (seconds * 1_000) / 2;
  const watching = watchHealth(server, 100, over.signal);
  const reading = read(server.port, over.signal);
  const rounds: AttackRound[] = [];
  let current = "";
  const onBegin = (name: AttackName) => {
    current = name;
  };
  const onEnd = (round: AttackRound) => {
    rounds.push(round);
    onRound(round);
  };
  const attacking = attack(server, attackers, over.signal, onBegin, onEnd);
  try {
    // An attacker that fails ends the soak at once.
    const results = await Promise.race([loadFor(load, server.port, half), attacking.then(() => never)]);
    over.abort();
    await attacking;
    const [samples, readers] = await Promise.all([watching, reading]);
    return {
      load: results,
      samples,
      rounds,
      readers,
      kept: await countKept(server.port),
      peakBytes: server.peakBytes(),
    };
  } catch (cause) {
    const beside = current === "" ? "without an attack" : `with ${current} beside`;
    throw new Error(`the server ended or closed connections of ordinary exporters, ${beside}`, { cause });
  } finally {
    over.abort();
  }
}

const never = new Promise<never>(() => {});

async function loadFor(load: JsonLinesProcess, port: number, halfMs: number): Promise<readonly LoadResult[]> {
  const send = (pace: LoadJob["pace"]) =>
    load.ask<LoadResult>({ ...exporters, port, pace } satisfies LoadJob);
  const results: LoadResult[] = [];
  const endMs = performance.now() + halfMs;
  while (performance.now() < endMs) results.push(await send({ kind: "closed", requests: requestsPerJob }));
  const sent = results.reduce((sum, result) => sum + result.sent, 0);
  const elapsedMs = results.reduce((sum, result) => sum + result.elapsedMs, 0);
  const perSecond = Math.max(1, Math.round((2 * sent * 1_000) / elapsedMs));
  results.push(await send({ kind: "open", perSecond, seconds: Math.ceil(halfMs / 1_000) }));
  return results;
}

async function attack(
  { pid, port }: { readonly pid: number; readonly port: number },
  names: readonly AttackName[],
  over: AbortSignal,
  onBegin: (name: AttackName) => void,
  onRound: (round: AttackRound) => void,
): Promise<void> {
  if (names.length === 0) return;
  const begunMs = performance.now();
  const script = fileURLToPath(new URL("attacker.ts", import.meta.url));
  await using attacker = new JsonLinesProcess([process.execPath, script], { core: loadCore });
  for (let i = 0; !over.aborted; i++) {
    const name = names[i % names.length]!;
    const job: AttackJob = { port, attack: name, holdMs, longestMs: longestRoundMs };
    onBegin(name);
    const result = await attacker.ask<AttackResult>(job);
    onRound({ ...result, atMs: performance.now() - begunMs, residentBytes: residentBytes(pid, "now") });
    await wait(500, undefined, { signal: over }).catch(() => {});
  }
}

async function countKept(port: number): Promise<SoakOutcome["kept"]> {
  const { signals } = await getStats(port);
  return Object.fromEntries(
    Object.entries(signals).map(([signal, { accepted, items, evicted }]) => [
      signal,
      { accepted: Number(accepted ?? 0), items: Number(items ?? 0), evicted: Number(evicted ?? 0) },
    ]),
  );
}
