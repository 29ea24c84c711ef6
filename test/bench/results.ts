import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import type { ContenderName } from "./contenders.ts";
import type { Latency } from "./measure.ts";
import type { PayloadName } from "./payloads.ts";

/** Medians over the rounds and processes for one payload on one server. */
export interface CaseResult<Name extends string = ContenderName> {
  readonly contender: Name;
  readonly payload: PayloadName;
  readonly requestsPerSecond: number;
  readonly itemsPerSecond: number;
  readonly cpuMicrosPerRequest: number;
  /** Of the rounds: least and most. */
  readonly cpuMicrosRange: readonly [number, number];
  readonly cpuSecondsPerMillionItems: number;
  /** At the payload's rate; undefined for a server that cannot serve it. */
  readonly latencyMs: Latency | undefined;
}

/** Resident memory of a server's process, the largest one, over all payloads of a run. */
export interface ResidentBytes {
  readonly atStart: number;
  readonly peak: number;
  /** When the load at full speed had ended. */
  readonly afterwards: number;
}

export interface BenchResult<Name extends string = ContenderName> {
  readonly machine: ReturnType<typeof describeMachine>;
  readonly rounds: number;
  /** Of each server. Results of before 2026-11-27 had one and do not say so. */
  readonly processes?: number;
  readonly cases: readonly CaseResult<Name>[];
  readonly residentBytes: Readonly<Partial<Record<Name, ResidentBytes>>>;
  readonly skipped: readonly string[];
}

/** Over what medians are taken, as in "5 rounds with 2 processes of each server". */
export function describeRounds({ rounds, processes = 1 }: Pick<BenchResult, "rounds" | "processes">): string {
  return processes === 1 ? `${rounds} rounds` : `${rounds} rounds with ${processes} processes of each server`;
}

/** What numbers depend on, without names. */
export function describeMachine() {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    packages: Object.fromEntries(
      ["fastify", "@connectrpc/connect", "@bufbuild/protobuf", "@grpc/grpc-js", "protobufjs"].map(
        (name) => [name, installedVersion(name)] as const,
      ),
    ),
  };
}

function installedVersion(name: string): string {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

/** Writes a result beside the others, as `results/NAME.json`; returns the path. */
export function writeResult(name: string, result: object): string {
  const path = fileURLToPath(new URL(`results/${name}.json`, import.meta.url));
  writeFileSync(path, `${JSON.stringify(result, undefined, 2)}\n`);
  return path;
}
