/** What an export may rely on when its server hands telemetry on to a sink. */
export const sinkPolicies = ["best-effort", "lossless", "confirmed"] as const;

/**
 * - `best-effort`: the sink never delays an export. Items that are evicted before they were handed on are missed, and
 *   counted.
 * - `lossless`: an export that would evict items which the sink has not got is refused.
 * - `confirmed`: an export is answered when the sink has its items.
 */
export type SinkPolicy = (typeof sinkPolicies)[number];
