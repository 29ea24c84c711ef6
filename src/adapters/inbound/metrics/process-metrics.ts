import { Counter, collectDefaultMetrics, Registry } from "prom-client";

let registry: Registry | undefined;

/**
 * CPU, memory, file descriptors, garbage collections and the delay of the event loop, by the names that
 * client libraries for Node use; the last two from the first call on. One registry for the process, since prom-client
 * never removes its listeners.
 */
export function processMetrics(): Registry {
  if (registry === undefined) {
    const { user, system } = process.cpuUsage();
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
    // It counts CPU from the moment on at which it begins to.
    addSeconds(registry, "process_cpu_user_seconds_total", user);
    addSeconds(registry, "process_cpu_system_seconds_total", system);
    addSeconds(registry, "process_cpu_seconds_total", user + system);
  }
  return registry;
}

function addSeconds(registry: Registry, name: string, micros: number): void {
  const counter = registry.getSingleMetric(name);
  if (counter instanceof Counter) counter.inc(micros / 1_000_000);
}
