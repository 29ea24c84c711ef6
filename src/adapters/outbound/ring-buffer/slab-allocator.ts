import type { MemoryLayout } from "./memory-layout.ts";
import { RequestTable } from "./request-table.ts";
import type { SignalRing, Slab } from "./signal-ring.ts";
import { slabsToAdd } from "./slab-growth.ts";
import { SlabPool } from "./slab-pool.ts";

/** Evicts all items of a ring up to this ordinal, and releases their slabs. */
export type EvictSlab = (ring: SignalRing, upTo: number) => void;

/** Finds the slabs that requests go to, and those that have to give way. */
export class SlabAllocator {
  readonly #layout: MemoryLayout;
  readonly #rings: readonly SignalRing[];
  readonly #pool: SlabPool;
  #slabsBorn = 0;

  constructor(layout: MemoryLayout, rings: readonly SignalRing[]) {
    this.#layout = layout;
    this.#rings = rings;
    this.#pool = new SlabPool(layout.slabCount);
  }

  /** Where a request has room without an eviction. */
  roomFor(ring: SignalRing, byteLength: number): number | undefined {
    const { slabBytes, slabsAt } = this.#layout;
    const active = ring.active;
    if (active !== undefined && slabsToAdd(active, byteLength, slabBytes, this.#pool) !== undefined) {
      return active.at + active.used;
    }
    const run = this.#pool.findRun(this.#slabsFor(byteLength));
    return run === undefined ? undefined : slabsAt + run * slabBytes;
  }

  /** Whether the whole buffer could hold the request. */
  canHold(byteLength: number): boolean {
    return this.#slabsFor(byteLength) <= this.#layout.slabCount;
  }

  /** Whether a request has room, or gets it by evicting slabs without pinned items. */
  canMakeRoom(ring: SignalRing, byteLength: number): boolean {
    if (this.roomFor(ring, byteLength) !== undefined || !this.canHold(byteLength)) return true;
    const length = this.#slabsFor(byteLength);
    const pool = this.#pool.copy();
    for (const { slab } of this.#evictable()) {
      pool.release(slab.first, slab.length);
      if (pool.findRun(length) !== undefined) return true;
    }
    return false;
  }

  /** The slab to append to, after evicting as much as it takes; undefined when the request can never fit. */
  take(ring: SignalRing, byteLength: number, evict: EvictSlab): Slab | undefined {
    const { slabBytes, slabsAt } = this.#layout;
    const active = ring.active;
    const added = active === undefined ? undefined : slabsToAdd(active, byteLength, slabBytes, this.#pool);
    if (active !== undefined && added !== undefined) {
      this.#pool.take(active.first + active.length, added);
      active.length += added;
      return active;
    }
    if (!this.canHold(byteLength)) return undefined;
    const length = this.#slabsFor(byteLength);
    let run = this.#pool.findRun(length);
    while (run === undefined) {
      const [oldest] = this.#evictable();
      if (oldest === undefined) throw new Error("no slab to evict, and none free");
      evict(oldest.ring, oldest.slab.endOrdinal);
      run = this.#pool.findRun(length);
    }
    this.#pool.take(run, length);
    const slab: Slab = {
      first: run,
      length,
      at: slabsAt + run * slabBytes,
      born: this.#slabsBorn++,
      used: 0,
      firstOrdinal: ring.next,
      endOrdinal: ring.next,
      table: new RequestTable(),
    };
    ring.slabs.push(slab);
    return slab;
  }

  /** Gives back the slabs of which no item is held any more. */
  release(ring: SignalRing): void {
    let slab = ring.slabs[0];
    while (slab !== undefined && slab.endOrdinal <= ring.first) {
      this.#pool.release(slab.first, slab.length);
      ring.slabs.shift();
      slab = ring.slabs[0];
    }
  }

  #slabsFor(byteLength: number): number {
    return Math.max(1, Math.ceil(byteLength / this.#layout.slabBytes));
  }

  /** The slabs without pinned items, the one that was begun first in front. */
  *#evictable(): Generator<{ readonly ring: SignalRing; readonly slab: Slab }> {
    const next = this.#rings.map(() => 0);
    for (;;) {
      let oldest: { ring: SignalRing; slab: Slab; owner: number } | undefined;
      for (const [owner, ring] of this.#rings.entries()) {
        const slab = ring.slabs[next[owner] ?? 0];
        if (slab === undefined || slab.endOrdinal > ring.pinnedFrom) continue;
        if (oldest === undefined || slab.born < oldest.slab.born) oldest = { ring, slab, owner };
      }
      if (oldest === undefined) return;
      next[oldest.owner]! += 1;
      yield oldest;
    }
  }
}
