import { fieldInJson } from "../../domain/errors.ts";
import type { ItemKind } from "../../domain/item-kind.ts";
import { type Signal, signalTraits } from "../../domain/signal.ts";
import type { Condition } from "../filter/filter-field.ts";
import type { ItemPlan } from "../filter/item-plan.ts";
import { ItemReading } from "./item-reading.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import { walk } from "./walk.ts";

/** How many of the newest items that did not match are looked at. */
const maxMissesLookedAt = 10_000;
/** An error goes out in a header. */
const maxConditionsNamed = 10;

export interface NearestMiss {
  readonly message: string;
  /** The same for callers that write JSON. */
  readonly messageInJson: string;
}

/**
 * Names the conditions of the filter, and nothing of the item, on which the nearest miss failed: the item that
 * fails on the fewest conditions, the newest of several.
 * @param from ordinal of the first item that counted
 * @param matched how many items matched
 */
export async function nearestMiss<Kind extends ItemKind>(
  dependencies: ReadDependencies,
  plan: ItemPlan<Kind>,
  { from, matched }: { readonly from: number; readonly matched: number },
  abort: AbortSignal | undefined,
): Promise<NearestMiss> {
  const { signal } = plan;
  const reading = new ItemReading(dependencies, plan);
  const misses = new MissSearch(plan.conditions);
  let lookedAt = 0;
  const { next: to } = dependencies.store.range(signal);
  await walk(dependencies, { signal, from, to, order: "newest", abort }, (encoded) => {
    lookedAt += 1;
    const item = reading.decode(encoded);
    if (item !== undefined) misses.look(item);
    return misses.failed.length !== 1 && lookedAt < maxMissesLookedAt;
  });
  const { failed } = misses;
  if (failed.length === 0) {
    const message = lookedAt === 0 ? nothingHeld(dependencies, signal) : "no others are held";
    return { message, messageInJson: message };
  }
  if (!misses.isTold(matched)) {
    const message = "no other meets any of the conditions";
    return { message, messageInJson: message };
  }
  const names = failed.slice(0, maxConditionsNamed).map(({ name }) => name);
  const more = failed.length > names.length ? ` and ${failed.length - names.length} more` : "";
  const failedOn = (spelt: readonly string[]) => `the nearest miss failed on ${spelt.join(", ")}${more}`;
  return { message: failedOn(names), messageInJson: failedOn(names.map(fieldInJson)) };
}

/** Finds the nearest miss among items that are looked at from the newest on. */
export class MissSearch<Item> {
  readonly #conditions: readonly Condition<Item>[];
  /** Undefined as long as every item matched. */
  nearest: Item | undefined;
  /** The conditions on which the nearest miss failed; none as long as there is no miss. */
  failed: readonly Condition<Item>[] = [];

  constructor(conditions: readonly Condition<Item>[]) {
    this.#conditions = conditions;
  }

  look(item: Item): void {
    const failed = this.#conditions.filter(({ isMet }) => !isMet(item));
    if (failed.length > 0 && (this.nearest === undefined || failed.length < this.failed.length)) {
      this.nearest = item;
      this.failed = failed;
    }
  }

  /** Beside items that matched, one that meets none of the conditions explains nothing. */
  isTold(matched: number): boolean {
    return this.failed.length > 0 && (matched === 0 || this.failed.length < this.#conditions.length);
  }
}

function nothingHeld({ store }: ReadDependencies, signal: Signal): string {
  const { first, next } = store.range(signal);
  const items = signalTraits[signal].itemNoun.many;
  return first === next ? `no ${items} are held` : `no ${items} arrived after the cursor`;
}
