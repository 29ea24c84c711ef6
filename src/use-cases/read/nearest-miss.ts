import { fieldInJson } from "../../domain/errors.ts";
import { UndecidedFilter } from "../../domain/filter.ts";
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
  /** That of the nearest miss, when there is one. */
  readonly ordinal?: number;
}

/**
 * Names the conditions of the filter, and nothing of the item, on which the nearest miss failed: the item that
 * fails on the fewest conditions, the newest of several; beside matches, one of the same name or text.
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
    return misses.told(matched)?.failed.length !== 1 && lookedAt < maxMissesLookedAt;
  });
  const miss = misses.told(matched);
  if (miss === undefined) {
    const message =
      lookedAt === 0
        ? nothingHeld(dependencies, signal)
        : misses.isEmpty
          ? "no others are held"
          : "no other comes near";
    return { message, messageInJson: message };
  }
  const { failed, item } = miss;
  const names = failed.slice(0, maxConditionsNamed).map(({ name }) => name);
  const more = failed.length > names.length ? ` and ${failed.length - names.length} more` : "";
  const failedOn = (spelt: readonly string[]) => `the nearest miss failed on ${spelt.join(", ")}${more}`;
  return {
    message: failedOn(names),
    messageInJson: failedOn(names.map(fieldInJson)),
    ordinal: item.ordinal,
  };
}

export interface Miss<Item> {
  readonly item: Item;
  /** The conditions on which it failed, at least one. */
  readonly failed: readonly Condition<Item>[];
}

/** The conditions that say which item is meant, where the others say how it should be. */
const naming: ReadonlySet<string> = new Set([
  "name",
  "name_contains",
  "body_contains",
  "text_contains",
  "trace_id",
]);

/** Finds the nearest miss among items that are looked at from the newest on. */
export class MissSearch<Item> {
  readonly #conditions: readonly Condition<Item>[];
  readonly #isNaming: boolean;
  #nearest: Miss<Item> | undefined;
  /** The nearest of those that meet the conditions which say what is meant. */
  #nearestMeant: Miss<Item> | undefined;

  constructor(conditions: readonly Condition<Item>[]) {
    this.#conditions = conditions;
    this.#isNaming = conditions.some(({ name }) => naming.has(name));
  }

  /** Whether every item matched. */
  get isEmpty(): boolean {
    return this.#nearest === undefined;
  }

  look(item: Item): void {
    const failed = this.#conditions.filter((condition) => fails(item, condition));
    if (failed.length === 0) return;
    const miss = { item, failed };
    const isNearer = (than: Miss<Item> | undefined) =>
      than === undefined || failed.length < than.failed.length;
    if (isNearer(this.#nearest)) this.#nearest = miss;
    const isMeant = this.#isNaming && !failed.some(({ name }) => naming.has(name));
    if (isMeant && isNearer(this.#nearestMeant)) this.#nearestMeant = miss;
  }

  /** Beside items that matched, so that only the count is short, an item that is not meant at all explains nothing. */
  told(matched: number): Miss<Item> | undefined {
    return matched === 0 ? this.#nearest : this.#nearestMeant;
  }
}

function fails<Item>(item: Item, { isMet }: Condition<Item>): boolean {
  try {
    return !isMet(item);
  } catch (reason) {
    if (reason instanceof UndecidedFilter) return true;
    throw reason;
  }
}

function nothingHeld({ store }: ReadDependencies, signal: Signal): string {
  const { first, next } = store.range(signal);
  const items = signalTraits[signal].itemNoun.many;
  return first === next ? `no ${items} are held` : `no ${items} arrived after the cursor`;
}
