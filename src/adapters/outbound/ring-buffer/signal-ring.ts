import type { Signal } from "../../../domain/signal.ts";
import type { RequestTable } from "./request-table.ts";

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
  /** Ordinal of the first item that came into it. */
  readonly firstOrdinal: number;
  /** Ordinal after the last item that it holds. */
  endOrdinal: number;
  readonly table: RequestTable;
}

/** What the store keeps of one signal beside the rows: its ordinals and its slabs, oldest first. */
export class SignalRing {
  readonly signal: Signal;
  /** Ordinal that the next accepted item gets. */
  next = 0;
  /** Ordinal of the oldest item held. */
  first = 0;
  evicted = 0;
  /** Items from this ordinal on must not be evicted. */
  pinnedFrom = Number.POSITIVE_INFINITY;
  readonly slabs: Slab[] = [];

  constructor(signal: Signal) {
    this.signal = signal;
  }

  get held(): number {
    return this.next - this.first;
  }

  /** The slab that new requests go to. */
  get active(): Slab | undefined {
    return this.slabs.at(-1);
  }

  /** Bytes of the requests in the slabs that hold items from this ordinal on. */
  bytesFrom(ordinal: number): number {
    let bytes = 0;
    for (const { firstOrdinal, endOrdinal, table, used } of this.slabs) {
      if (endOrdinal <= ordinal) continue;
      bytes += used;
      if (firstOrdinal < ordinal) bytes -= table.entry(table.indexOf(ordinal - firstOrdinal)).at;
    }
    return bytes;
  }

  /** Takes note of a request that was put behind the others in the active slab. */
  add(slab: Slab, byteLength: number, items: number, hasRejected: boolean): void {
    slab.used += byteLength;
    this.next += items;
    slab.endOrdinal = this.next;
    slab.table.add(slab.used, this.next - slab.firstOrdinal, hasRejected);
  }
}
