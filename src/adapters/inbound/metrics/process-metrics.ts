import { collectDefaultMetrics, Registry } from "prom-client";

let registry: Registry | undefined;

/**
 * CPU, memory, file descriptors, garbage collections and the delay of the event loop, as client libraries for
 * Node usually name them. One registry a process: what it listens to is never let go.
 */
export function processMetrics(): Registry {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}
