import { hueOf, serviceHues } from "../format/value.ts";

/*
 * A service has the hue of its name, unless another service that was seen before has it: then the next one that is free.
 * So the first dozen are all told apart, in all views; only those after them share hues.
 */

/** The services that have a hue of their own, by it. */
const services = new Map<number, string>();
const hues = new Map<string, number>();

/** The hue of a service, which stays while the page is open. */
export function hueOfService(service: string): number {
  const known = hues.get(service);
  if (known !== undefined) return known;
  const hue = freeHue(hueOf(service), services);
  if (services.size < serviceHues) {
    services.set(hue, service);
    hues.set(service, hue);
  }
  return hue;
}

/** The hues of services that are seen together, as those of a trace: of the first dozen no two are the same. */
export function huesAmong(together: Iterable<string>): ReadonlyMap<string, number> {
  const used = new Set<number>();
  const found = new Map<string, number>();
  for (const service of together) {
    if (found.has(service)) continue;
    const hue = freeHue(hueOfService(service), used);
    used.add(hue);
    found.set(service, hue);
  }
  return found;
}

/** The first hue from one on that is not used; that one when all are. */
function freeHue(from: number, used: { has(hue: number): boolean }): number {
  for (let step = 0; step < serviceHues; step++) {
    const hue = (from + step) % serviceHues;
    if (!used.has(hue)) return hue;
  }
  return from;
}
