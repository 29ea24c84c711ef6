import type { FilterBySignal } from "../../src/domain/filter.ts";
import { bySignal, type Signal, signals } from "../../src/domain/signal.ts";
import type { FindWindow, TelemetryStore } from "../../src/ports/telemetry-store.ts";

/** Whatever `find` finds of the window, however many calls it takes. Ascending. */
export function findAll<S extends Signal>(
  store: TelemetryStore,
  signal: S,
  filter: FilterBySignal[S],
  window: FindWindow,
): number[] {
  const parts: (readonly number[])[] = [];
  let { from, to, limit } = window;
  while (from < to && limit > 0) {
    const { ordinals, rest } = store.find(signal, filter, { from, to, limit, order: window.order });
    parts.push(ordinals);
    ({ from, to } = rest);
    limit -= ordinals.length;
  }
  return (window.order === "oldest" ? parts : parts.reverse()).flat();
}

/** For every service name, how many items of each signal are held. */
export function allServices(store: TelemetryStore): Map<string, Record<Signal, number>> {
  const services = new Map<string, Record<Signal, number>>();
  for (const signal of signals) {
    let rest: { readonly from: number; readonly to: number } = { from: 0, to: 1 };
    while (rest.from < rest.to) {
      const counted = store.services(signal, rest.from);
      for (const [name, items] of counted.items) {
        const counts = services.get(name) ?? bySignal(() => 0);
        counts[signal] += items;
        services.set(name, counts);
      }
      rest = counted.rest;
    }
  }
  return services;
}
