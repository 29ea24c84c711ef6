import type { SignalStatsJson } from "../../../gen/obsvty/v1/query_pb.ts";

/** How many items of a signal were cleared: they were accepted, and are neither held nor evicted. */
export function clearedItems({ accepted, evicted, items }: SignalStatsJson): number {
  return Number(accepted ?? 0) - Number(evicted ?? 0) - Number(items ?? 0);
}
