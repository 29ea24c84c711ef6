import { hashOf, serviceHues } from "../format/value.ts";

/*
 * A service has the hue of its name, unless another one has it: then the next that is free. So the first dozen are all
 * told apart; only those after them share hues. What they had is kept by the browser, so that they have the same in other
 * tabs and when the page is loaded again: not their names, but hashes of them.
 */

/** Where a browser keeps texts. */
type Keeper = Pick<Storage, "getItem" | "setItem">;

/** Those seen last come last. */
type KeptHues = readonly (readonly [hash: number, hue: number])[];

const key = "obsvty.hues";

export interface HueRegistry {
  /** The hue of a service, which stays while the page is open. */
  hueOfService(service: string): number;
  /** The hues of services that are seen together, as those of a trace: of the first dozen no two are the same. */
  huesAmong(together: Iterable<string>): ReadonlyMap<string, number>;
}

/** @param keeper undefined where the browser keeps nothing */
export function hueRegistry(keeper: Keeper | undefined): HueRegistry {
  /** Of the services that have been seen and have one of their own. */
  const hues = new Map<string, number>();
  const taken = new Set<number>();

  function hueOfService(service: string): number {
    const known = hues.get(service);
    if (known !== undefined) return known;
    const hash = hashOf(service);
    if (taken.size === serviceHues) return hash % serviceHues;
    const kept = readKept(keeper);
    const hue = hueFor(hash, kept, taken);
    hues.set(service, hue);
    taken.add(hue);
    writeKept(keeper, [...kept.filter(([other, of]) => other !== hash && of !== hue), [hash, hue]]);
    return hue;
  }

  function huesAmong(together: Iterable<string>): ReadonlyMap<string, number> {
    const used = new Set<number>();
    const found = new Map<string, number>();
    for (const service of together) {
      if (found.has(service)) continue;
      const own = hueOfService(service);
      const hue = freeHue(own, used) ?? own;
      used.add(hue);
      found.set(service, hue);
    }
    return found;
  }

  return { hueOfService, huesAmong };
}

/** The one that it had; else one that no service had; else that of the service that was not seen for longest. */
function hueFor(hash: number, kept: KeptHues, taken: ReadonlySet<number>): number {
  const had = kept.find(([other]) => other === hash)?.[1];
  if (had !== undefined && !taken.has(had)) return had;
  const free = freeHue(hash % serviceHues, new Set([...taken, ...kept.map(([, hue]) => hue)]));
  return free ?? kept.find(([, hue]) => !taken.has(hue))?.[1] ?? hash % serviceHues;
}

/** The first hue from one on that is not used. */
function freeHue(from: number, used: ReadonlySet<number>): number | undefined {
  for (let step = 0; step < serviceHues; step++) {
    const hue = (from + step) % serviceHues;
    if (!used.has(hue)) return hue;
  }
  return undefined;
}

function readKept(keeper: Keeper | undefined): KeptHues {
  try {
    const kept: unknown = JSON.parse(keeper?.getItem(key) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isKeptHue).slice(-serviceHues) : [];
  } catch {
    return [];
  }
}

function isKeptHue(entry: unknown): entry is KeptHues[number] {
  if (!Array.isArray(entry) || !entry.every(Number.isInteger)) return false;
  const [, hue] = entry;
  return entry.length === 2 && hue >= 0 && hue < serviceHues;
}

function writeKept(keeper: Keeper | undefined, kept: KeptHues): void {
  try {
    keeper?.setItem(key, JSON.stringify(kept.slice(-serviceHues)));
  } catch {
    // A browser may keep nothing.
  }
}
