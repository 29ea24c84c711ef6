import type { AnswerShare } from "./answer-memory.ts";

/** An item as it stands in an answer, and how many bytes it takes there. */
export interface Shown<Value> {
  readonly value: Value;
  readonly byteLength: number;
}

/** Makes of an item what stands in an answer. It throws when it cannot. */
export type Show<Item, Value> = (item: Item) => Shown<Value>;

/** The order in which items are added: the oldest first or the newest first. */
export type PageOrder = "oldest" | "newest";

export interface PageBounds {
  readonly maxItems: number;
  /** The most bytes of the whole answer. One item that is larger makes a page of its own. */
  readonly maxBytes: number;
  /** The bytes of the answer without its items. */
  readonly envelopeBytes: number;
  /** Where the memory for the page is taken from. Absent when it has been taken before. */
  readonly share?: AnswerShare;
}

/** One page of an answer. Items are added in order until one of the bounds is reached. */
export class AnswerPage<Value> {
  readonly #values: Value[] = [];
  readonly #order: PageOrder;
  readonly #maxItems: number;
  readonly #maxBytes: number;
  readonly #share: AnswerShare | undefined;
  #bytes: number;
  #edge: number | undefined;

  constructor({ maxItems, maxBytes, envelopeBytes, share }: PageBounds, order: PageOrder) {
    this.#order = order;
    this.#maxItems = maxItems;
    this.#maxBytes = Math.min(maxBytes, share?.maxBytes ?? maxBytes);
    this.#share = share;
    this.#bytes = envelopeBytes;
  }

  /** The newest last. */
  get values(): readonly Value[] {
    return this.#order === "oldest" ? this.#values : this.#values.toReversed();
  }

  /** How many there are. */
  get count(): number {
    return this.#values.length;
  }

  /** The bytes of the whole answer, so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Where the page ended because a bound was reached, between two ordinals: the oldest first, it goes on at
   * this ordinal; the newest first, it goes on with the ordinal before. Undefined when no bound was reached.
   */
  get edge(): number | undefined {
    return this.#edge;
  }

  /**
   * Adds an item if it fits.
   * @returns whether more items may follow
   * @throws ObsvtyError answers-too-large
   */
  add(ordinal: number, { value, byteLength }: Shown<Value>): boolean {
    const fits = this.#values.length === 0 || this.#bytes + byteLength <= this.#maxBytes;
    if (fits) {
      this.#share?.take(byteLength);
      this.#bytes += byteLength;
      this.#values.push(value);
      if (this.#values.length < this.#maxItems && this.#bytes < this.#maxBytes) return true;
    }
    const isOnFarSide = fits === (this.#order === "oldest");
    this.#edge = isOnFarSide ? ordinal + 1 : ordinal;
    return false;
  }
}
