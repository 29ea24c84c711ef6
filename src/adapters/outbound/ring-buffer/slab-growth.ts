import type { Slab } from "./signal-ring.ts";
import type { SlabPool } from "./slab-pool.ts";

/** More than this part of a slab is too much to be left unused. */
const MUCH = 1 / 8;
/** The most slabs of a run, whose items are evicted together. */
const LONGEST = 4;

/**
 * How many slabs a run must get for a request to go behind what it holds, 0 when it has the room; undefined
 * when another run should be begun. Without growth, requests of somewhat more than half a slab would leave
 * almost half of the memory unused.
 */
export function slabsToAdd(
  { first, length, used }: Slab,
  byteLength: number,
  slabBytes: number,
  pool: SlabPool,
): number | undefined {
  const left = length * slabBytes - used;
  if (byteLength <= left) return 0;
  const needed = Math.ceil((byteLength - left) / slabBytes);
  const mayGrow = left > MUCH * slabBytes && length + needed <= LONGEST;
  return mayGrow && pool.isFree(first + length, needed) ? needed : undefined;
}
