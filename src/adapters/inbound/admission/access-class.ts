import { exportedSignal } from "../../../domain/signal.ts";
import { pathOf } from "../caller/caller-protocol.ts";

/**
 * Who may call a route, which follows from what it shows. A route is `read` unless it is listed here.
 * - `ingest`: takes telemetry and shows none
 * - `open`: for probes, scrapers and the files of the page; shows no telemetry, and is free of the rate limit
 * - `read`: shows or changes the telemetry that is held
 */
export type AccessClass = "ingest" | "open" | "read";

const openPaths = new Set(["/health", "/livez", "/readyz", "/metrics", "/"]);

const openFolders = ["/grpc.health.v1.Health/", "/assets/"];

/** @param path of a route, without a query and a trailing slash */
export function accessClassOf(path: string): AccessClass {
  if (exportedSignal(path) !== undefined) {
    return "ingest";
  }
  return openPaths.has(path) || openFolders.some((folder) => path.startsWith(folder)) ? "open" : "read";
}

/** Whether a call reads what is held, by its path and query as they were sent. */
export function isReading(url: string): boolean {
  return accessClassOf(pathOf({ url })) === "read";
}
