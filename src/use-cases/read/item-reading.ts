import type { EncodedItem } from "../../domain/encoded-item.ts";
import { UndecidedFilter } from "../../domain/filter.ts";
import type { ItemKind, ItemOf } from "../../domain/item-kind.ts";
import type { ItemPlan } from "../filter/item-plan.ts";
import type { Show, Shown } from "./answer-page.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import type { SharedItems } from "./recent-items.ts";

/** Reads the items of one answer. Those that cannot be decoded or shown are skipped and counted. */
export class ItemReading<Kind extends ItemKind> {
  readonly #dependencies: Pick<ReadDependencies, "store" | "unreadable">;
  readonly #plan: ItemPlan<Kind>;
  readonly #shared: SharedItems | undefined;
  readonly #failed: Set<number>;

  constructor(
    dependencies: Pick<ReadDependencies, "store" | "unreadable">,
    plan: ItemPlan<Kind>,
    shared?: SharedItems,
    failed = new Set<number>(),
  ) {
    this.#dependencies = dependencies;
    this.#plan = plan;
    this.#shared = shared;
    this.#failed = failed;
  }

  /** Reads items of the same answer by another plan. An item that fails by both counts once. */
  by(plan: ItemPlan<Kind>): ItemReading<Kind> {
    return new ItemReading(this.#dependencies, plan, this.#shared, this.#failed);
  }

  /** How many could not be decoded or shown, or were too large for the filter. */
  get unreadable(): number {
    return this.#failed.size;
  }

  /** Undefined when the item is not held any more, or cannot be decoded. */
  read(ordinal: number): ItemOf<Kind> | undefined {
    const known = this.#shared?.decoded(ordinal);
    if (known !== undefined) return known as ItemOf<Kind>;
    const encoded = this.#dependencies.store.read(this.#plan.signal, ordinal);
    if (encoded === undefined) return undefined;
    const item = this.decode(encoded);
    if (item !== undefined) this.#shared?.addDecoded(encoded, item);
    return item;
  }

  /** Undefined when the item cannot be decoded. */
  decode(encoded: EncodedItem): ItemOf<Kind> | undefined {
    return this.attempt(encoded.ordinal, () => this.#plan.decode(encoded));
  }

  /** False also when that cannot be told, which counts in this answer. */
  matches(item: ItemOf<Kind>): boolean {
    try {
      return this.#plan.matches?.(item) !== false;
    } catch (reason) {
      if (!(reason instanceof UndecidedFilter)) throw reason;
      this.#failed.add(item.ordinal);
      return false;
    }
  }

  /** Undefined when the item does not match, is not held any more, or cannot be decoded or shown. */
  shown<Value>(ordinal: number, show: Show<ItemOf<Kind>, Value>): Shown<Value> | undefined {
    const known = this.#shared?.shown(ordinal) as Shown<Value> | undefined;
    if (known !== undefined && this.#plan.matches === undefined) return known;
    const item = this.read(ordinal);
    if (item === undefined || !this.matches(item)) return undefined;
    if (known !== undefined) return known;
    const shown = this.attempt(ordinal, () => show(item));
    if (shown !== undefined) this.#shared?.addShown(ordinal, shown);
    return shown;
  }

  /** Does something with an item that may fail because of the item. Undefined when it does. */
  attempt<Result>(ordinal: number, act: () => Result): Result | undefined {
    try {
      return act();
    } catch {
      this.#failed.add(ordinal);
      this.#dependencies.unreadable.note(this.#plan.signal, ordinal);
      return undefined;
    }
  }
}
