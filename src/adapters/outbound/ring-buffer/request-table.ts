const FIRST_CAPACITY = 8;
/** A bit of `#ends`: the request holds items that were rejected. A slab is smaller than 2 GiB. */
const HAS_REJECTED = 0x8000_0000;

/** One request in a slab. Offsets count from the slab's first byte, items from its first item. */
export interface TableEntry {
  readonly at: number;
  readonly end: number;
  readonly firstItem: number;
  readonly endItem: number;
  readonly hasRejected: boolean;
}

/** Where each request in a slab ends, in 8 bytes a request. They lie back to back. */
export class RequestTable {
  #length = 0;
  #ends = new Uint32Array(FIRST_CAPACITY);
  #endItems = new Uint32Array(FIRST_CAPACITY);

  get length(): number {
    return this.#length;
  }

  add(end: number, endItem: number, hasRejected: boolean): void {
    if (this.#length === this.#ends.length) {
      this.#ends = larger(this.#ends);
      this.#endItems = larger(this.#endItems);
    }
    this.#ends[this.#length] = hasRejected ? end + HAS_REJECTED : end;
    this.#endItems[this.#length] = endItem;
    this.#length += 1;
  }

  /** The index of the request that holds the item; `length` when none does. */
  indexOf(item: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#endItems[middle] ?? 0) > item) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  entry(index: number): TableEntry {
    const end = this.#ends[index] ?? 0;
    return {
      at: index === 0 ? 0 : this.#endOf(index - 1),
      end: this.#endOf(index),
      firstItem: index === 0 ? 0 : (this.#endItems[index - 1] ?? 0),
      endItem: this.#endItems[index] ?? 0,
      hasRejected: end >= HAS_REJECTED,
    };
  }

  #endOf(index: number): number {
    return (this.#ends[index] ?? 0) & ~HAS_REJECTED;
  }
}

function larger(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(array.length * 2);
  copy.set(array);
  return copy;
}
