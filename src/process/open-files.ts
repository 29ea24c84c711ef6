import { readFileSync } from "node:fs";
import type { Config } from "../config/config.ts";

/** Files beside those of connections: 25 when idle, then a thread, files that are read, connections that close. */
const otherFiles = 64;

/**
 * The most files that this process may have open at once (`ulimit -n`); undefined when there is no limit or the
 * system does not tell. Node raises the soft limit to the hard one when it starts.
 */
export function openFilesLimit(): number | undefined {
  try {
    const [, limit] = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}

type Bounds = Pick<Config, "maxConnections" | "maxConnectionsPerClient">;

/**
 * Brings the bounds of connections down to what the limit leaves room for; the share of one client stays the same.
 * Otherwise the system would refuse connections, and whichever client is quicker would have them all.
 */
export function fitToOpenFiles<B extends Bounds>(bounds: B, limit = Number.POSITIVE_INFINITY): B {
  const maxConnections = Math.max(limit - otherFiles, 1);
  if (bounds.maxConnections <= maxConnections) {
    return bounds;
  }
  const share = bounds.maxConnectionsPerClient / bounds.maxConnections;
  return { ...bounds, maxConnections, maxConnectionsPerClient: Math.ceil(share * maxConnections) };
}
