// The rows of one ring, in segments of SEGMENT_ROWS. Each row has a number; a table says for the numbers of a segment
// where in the memory it is. So the ring grows by a segment at a time, and never moves what is there. Segments that are
// empty again are used first, so that no more of the memory is touched than is needed.

import { ROW_BYTES } from "../../../../otlp/scan/layout";
import {
  RING_BYTES,
  RING_FREE,
  RING_FREE_COUNT,
  RING_FRESH,
  RING_HELD,
  RING_KEYS,
  RING_MASK,
  RING_NEXT,
  RING_ROWS,
  RING_TABLE,
  RINGS,
  SEGMENT_ROWS,
  SEGMENT_SHIFT,
} from "../index-layout";

/** Address of the descriptor of a signal's ring. */
// @ts-ignore: decorator
@inline
export function ringOf(signal: u32): usize {
  return <usize>RINGS + <usize>(signal * RING_BYTES);
}

/** The number of the oldest row held. Numbers are counted modulo 2^32. */
// @ts-ignore: decorator
@inline
export function firstRow(ring: usize): u32 {
  return load<u32>(ring + RING_NEXT) - load<u32>(ring + RING_HELD);
}

/** Where in the ring's memory the rows of the segment of this row begin, counted in rows. */
// @ts-ignore: decorator
@inline
export function segmentOf(ring: usize, row: u32): u32 {
  return load<u32>(entryOf(ring, row >> SEGMENT_SHIFT)) << SEGMENT_SHIFT;
}

/** Address of a row. */
// @ts-ignore: decorator
@inline
export function rowAt(ring: usize, row: u32): usize {
  const slot = segmentOf(ring, row) | (row & (SEGMENT_ROWS - 1));
  return <usize>load<u32>(ring + RING_ROWS) + <usize>slot * ROW_BYTES;
}

/** Address of the key of a row. */
// @ts-ignore: decorator
@inline
export function keyAt(ring: usize, row: u32): usize {
  const slot = segmentOf(ring, row) | (row & (SEGMENT_ROWS - 1));
  return <usize>load<u32>(ring + RING_KEYS) + (<usize>slot << 2);
}

/** Address of the table's entry for a segment. */
// @ts-ignore: decorator
@inline
function entryOf(ring: usize, segment: u32): usize {
  return <usize>load<u32>(ring + RING_TABLE) + (<usize>(segment & load<u32>(ring + RING_MASK)) << 2);
}

/** Finds room for the segment that begins with this row. */
export function takeSegment(ring: usize, row: u32): void {
  let place = load<u32>(ring + RING_FRESH);
  const free = load<u32>(ring + RING_FREE_COUNT);
  if (free > 0) {
    place = load<u32>(<usize>load<u32>(ring + RING_FREE) + (<usize>(free - 1) << 2));
    store<u32>(ring + RING_FREE_COUNT, free - 1);
  } else {
    store<u32>(ring + RING_FRESH, place + 1);
  }
  store<u32>(entryOf(ring, row >> SEGMENT_SHIFT), place);
}

/** Forgets the oldest `count` rows, and gives back the segments before the row that is the oldest then. */
export function dropRows(ring: usize, count: u32): void {
  const first = firstRow(ring);
  store<u32>(ring + RING_HELD, load<u32>(ring + RING_HELD) - count);
  const end = (first + count) >> SEGMENT_SHIFT;
  for (let segment = first >> SEGMENT_SHIFT; segment != end; ) {
    const free = load<u32>(ring + RING_FREE_COUNT);
    store<u32>(<usize>load<u32>(ring + RING_FREE) + (<usize>free << 2), load<u32>(entryOf(ring, segment)));
    store<u32>(ring + RING_FREE_COUNT, free + 1);
    segment = (segment + 1) & (0xffffffff >> SEGMENT_SHIFT);
  }
}
