import { create } from "@bufbuild/protobuf";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import type { SignalStats } from "../../../use-cases/read/reader.ts";
import type { ServiceItems } from "../../../use-cases/read/services.ts";

export function toService({ name, items }: ServiceItems): pb.Service {
  return create(pb.ServiceSchema, {
    name,
    spans: BigInt(items.traces),
    logs: BigInt(items.logs),
    metrics: BigInt(items.metrics),
    profiles: BigInt(items.profiles),
  });
}

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
  });
}
