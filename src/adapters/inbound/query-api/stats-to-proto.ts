import { create } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import { type Signal, signals } from "../../../domain/signal.ts";
import { type SinkState, stateWord, totalOf } from "../../../use-cases/hand-on/sink-state.ts";
import type { LimitUse } from "../../../use-cases/limits.ts";
import type { SignalStats } from "../../../use-cases/read/reader.ts";
import type { ServiceItems } from "../../../use-cases/read/services.ts";

export function toService({ name, items }: ServiceItems): pb.Service {
  const counts = signals.map((signal) => [serviceFields[signal], BigInt(items[signal])]);
  return create(pb.ServiceSchema, { name, ...Object.fromEntries(counts) });
}

/** The field of a service that counts the items of each signal. */
const serviceFields = {
  traces: "spans",
  logs: "logs",
  metrics: "metrics",
  profiles: "profiles",
} as const satisfies Record<Signal, keyof pb.Service>;

export function toSignalStats(stats: SignalStats) {
  return create(pb.SignalStatsSchema, {
    items: BigInt(stats.items),
    bytes: BigInt(stats.bytes),
    accepted: BigInt(stats.accepted),
    rejected: BigInt(stats.rejected),
    refused: BigInt(stats.refused),
    evicted: BigInt(stats.evicted),
    injected: BigInt(stats.injected),
    unreadable: BigInt(stats.unreadable),
    unconfirmed: BigInt(stats.unconfirmed),
    rejectedFor: countsOf(stats.rejectedFor),
    refusedFor: countsOf(stats.refusedFor),
    ...(stats.lastAcceptedUnixMs !== undefined && {
      lastAcceptedTime: timestampFromMs(stats.lastAcceptedUnixMs),
    }),
  });
}

function countsOf(counts: ReadonlyMap<string, number>): Record<string, bigint> {
  return Object.fromEntries([...counts].map(([reason, count]) => [reason, BigInt(count)]));
}

export function toLimitUse({ used, most }: LimitUse) {
  return create(pb.LimitUseSchema, { used: BigInt(used), most: BigInt(most) });
}

export function toSinkStats(sink: SinkState) {
  const total = totalOf(sink);
  const { backlogItems, backlogBytes, oldestMs, delivered, retried, missed, refused, lastFailure } = total;
  return create(pb.SinkStatsSchema, {
    policy: sink.policy,
    state: stateWord(total),
    backlogItems: BigInt(backlogItems),
    backlogBytes: BigInt(backlogBytes),
    oldest: durationFromMs(wholeSeconds(oldestMs)),
    delivered: BigInt(delivered),
    retried: BigInt(retried),
    missed: BigInt(missed),
    refused: BigInt(refused),
    ...(lastFailure && {
      lastFailure: lastFailure.code,
      lastFailureTime: timestampFromMs(lastFailure.unixMs),
    }),
  });
}

function wholeSeconds(ms: number): number {
  return Math.round(ms / 1_000) * 1_000;
}
