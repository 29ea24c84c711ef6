/** A run of slabs that holds requests of one signal, back to back. */
export interface Slab {
  /** Index of its first slab in the pool. */
  readonly first: number;
  /** How many slabs it takes. */
  length: number;
  /** Address of its first byte. */
  readonly at: number;
  /** Counts up over all signals, so that the oldest slab of all can be told. */
  readonly born: number;
  used: number;
  /** Ordinal after the last item that it holds. */
  endOrdinal: number;
}

/** What the store keeps of one signal beside the rows: its ordinals and its slabs, oldest first. */
export class SignalRing {
  /** Ordinal that the next accepted item gets. */
  next = 0;
  /** Ordinal of the oldest item held. */
  first = 0;
  evicted = 0;
  readonly slabs: Slab[] = [];

  get held(): number {
    return this.next - this.first;
  }

  /** The slab that new requests go to. */
  get active(): Slab | undefined {
    return this.slabs.at(-1);
  }
}
