import { ROW_SERVICE_AT } from "../../../otlp/scan/layout.ts";
import type { ServiceCounts } from "../../../ports/telemetry-store.ts";
import type { ItemReader } from "./item-reader.ts";
import type { RingIndex } from "./ring-index.ts";
import type { SignalRing } from "./signal-ring.ts";

/**
 * One count ends after this many steps, each some tens of nanoseconds. A row is one, and taking a name is NAME_STEPS
 * and one for each two characters.
 */
const STEPS = 131_072;
const NAME_STEPS = 16;
const MAX_NAME_BYTES = 2_048;

/** Counts the items held of each service, by the index. */
export class ServiceCounter {
  readonly #items: ItemReader;
  readonly #index: RingIndex;
  readonly #words: Uint32Array;

  constructor(items: ItemReader, index: RingIndex, words: Uint32Array) {
    this.#items = items;
    this.#index = index;
    this.#words = words;
  }

  count({ signal, first, next }: SignalRing, from: number): ServiceCounts {
    const items = new Map<string, number>();
    let ordinal = Math.max(from, first);
    let name: string | undefined;
    let lastAt = 0;
    for (let steps = 0; ordinal < next && steps < STEPS; ordinal++, steps++) {
      const rowAt = this.#index.rowAt(signal, next - ordinal);
      const at = this.#words[(rowAt + ROW_SERVICE_AT) / 4] ?? 0;
      // Items of one resource refer to the same bytes.
      if (name === undefined || at !== lastAt) {
        name = this.#items.stringAt(at, MAX_NAME_BYTES);
        steps += NAME_STEPS + name.length / 2;
      }
      lastAt = at;
      items.set(name, (items.get(name) ?? 0) + 1);
    }
    return { items, rest: { from: ordinal, to: next } };
  }
}
