import { exportedSignal } from "../caller/caller-protocol.ts";

/**
 * What a route gives away, and so who may call it. Anything not known to be harmless is `read`.
 * - `ingest`: takes telemetry, shows none
 * - `open`: for probes and scrapers, says nothing about content; not counted by the rate limit either
 * - `read`: shows or changes what is kept
 */
export type AccessClass = "ingest" | "open" | "read";

const openPaths = new Set(["/health", "/livez", "/readyz", "/metrics"]);

/** @param path of a route, without a query */
export function accessClassOf(path: string): AccessClass {
  const bare = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  if (exportedSignal(bare) !== undefined) {
    return "ingest";
  }
  return openPaths.has(bare) || bare.startsWith("/grpc.health.v1.Health/") ? "open" : "read";
}
