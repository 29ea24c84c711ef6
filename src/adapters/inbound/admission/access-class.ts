import { exportedSignal } from "../../../domain/signal.ts";
import { pathOf } from "../caller/caller-protocol.ts";

/**
 * Who may call a route, which follows from what it shows. A route is `read` unless it is listed here.
 * - `ingest`: takes telemetry and shows none
 * - `open`: for probes and scrapers; shows no telemetry, and is free of the rate limit
 * - `read`: shows or changes the telemetry that is held
 */
export type AccessClass = "ingest" | "open" | "read";

const openPaths = new Set(["/health", "/livez", "/readyz", "/metrics"]);

/** @param path of a route, without a query and a trailing slash */
export function accessClassOf(path: string): AccessClass {
  if (exportedSignal(path) !== undefined) {
    return "ingest";
  }
  return openPaths.has(path) || path.startsWith("/grpc.health.v1.Health/") ? "open" : "read";
}

/** Whether a call reads what is held, by its path and query as they were sent. */
export function isReading(url: string): boolean {
  return accessClassOf(pathOf({ url })) === "read";
}
