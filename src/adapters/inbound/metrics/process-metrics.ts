import { collectDefaultMetrics, Registry } from "prom-client";

let registry: Registry | undefined;

/**
 * CPU, memory, file descriptors, garbage collections and the delay of the event loop, by the names that
 * client libraries for Node use. One registry for the process, since prom-client never removes its listeners.
 */
export function processMetrics(): Registry {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}
