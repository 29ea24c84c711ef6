import { ObsvtyError } from "../../../domain/errors.ts";
import { signals } from "../../../domain/signal.ts";
import { ROW_BYTES } from "../../../otlp/scan/layout.ts";
import type { ScanPlace } from "../../../otlp/scan/scanner.ts";
import { longRequestBytes, maxRequestItems } from "../../../ports/telemetry-store.ts";
import { COLUMNS_BYTES, HOST_BASE, SEGMENT_ROWS } from "./index-layout.ts";

export interface RingLimits {
  /** Items kept for each signal. */
  readonly maxItems: number;
  /** Bytes of payload kept in all. */
  readonly maxBytes: number;
  /** Bytes of one request. */
  readonly maxRequestBytes: number;
}

/** Where the rows of a signal are. */
export interface RingPlace {
  readonly rowsAt: number;
  readonly keysAt: number;
  /** One entry a segment; their number is a power of two. */
  readonly tableAt: number;
  readonly tableEntries: number;
  readonly freeAt: number;
}

/** Where everything is in the one memory. Addresses and sizes in bytes. */
export interface MemoryLayout {
  /** A request for which there is no free slab yet is scanned here; criteria of a search and copies are put here. */
  readonly scratchAt: number;
  readonly scratchBytes: number;
  /** The place of requests of up to `longRequestBytes`; `at` is `scratchAt`. */
  readonly short: ScanPlace;
  /** The place of longer ones, whose scan pauses while shorter ones are scanned. */
  readonly long: ScanPlace;
  /** The area of COLUMNS_*. */
  readonly columnsAt: number;
  /** One ring for each signal, in the order of `signals`. */
  readonly rings: readonly RingPlace[];
  readonly slabsAt: number;
  readonly slabBytes: number;
  readonly slabCount: number;
  readonly byteLength: number;
}

/** WebAssembly addresses are 32 bits wide. */
const ADDRESS_SPACE = 2 ** 32;
const SMALLEST_SLAB = 4096;
const LARGEST_SLAB = 4 * 1024 * 1024;
/** An empty log record: the tag of its field and a length of 0. */
const SMALLEST_ITEM = 2;
/**
 * A buffer has this many slabs, so that it gives up about that part of itself at a time. The store writes to the slabs
 * of what is held and to one or two more, one after the other. When these are large, less of them stays in the caches of
 * the CPU: with 64 slabs an export of 100 spans took 1.03 times the CPU.
 */
const SLABS = 256;

/**
 * ```
 *  0        HOST_BASE
 *  | control | scratch | long request | staged rows | columns | 4 x rows, keys, segments | slab | slab | ... | slab |
 * ```
 * @throws ObsvtyError `invalid-argument` when the bounds together do not fit 4 GiB
 */
export function layOutMemory(limits: RingLimits): MemoryLayout {
  const slabBytes = Math.min(LARGEST_SLAB, Math.max(SMALLEST_SLAB, Math.floor(limits.maxBytes / SLABS)));
  const slabCount = Math.max(1, Math.floor(limits.maxBytes / slabBytes));
  let next = HOST_BASE;
  const take = (bytes: number): number => {
    const at = next;
    next += Math.ceil(bytes / 64) * 64;
    return at;
  };
  const { maxItems, maxRequestBytes } = limits;
  /** One row more than a request can fill or a ring can keep: the one at hand may turn out to be rejected. */
  const place = (at: number, maxRows: number): ScanPlace => {
    const stageRows = Math.min(maxItems, maxRows, Math.floor(maxRequestBytes / SMALLEST_ITEM)) + 1;
    return { at, stageAt: take(stageRows * ROW_BYTES), stageRows };
  };
  // The oldest row held and the newest may each be in the middle of one.
  const segments = Math.ceil(maxItems / SEGMENT_ROWS) + 1;
  const tableEntries = 2 ** Math.ceil(Math.log2(segments));
  const scratchAt = take(maxRequestBytes);
  const layout = {
    scratchAt,
    scratchBytes: maxRequestBytes,
    short: place(scratchAt, longRequestBytes / SMALLEST_ITEM),
    long: place(take(maxRequestBytes > longRequestBytes ? maxRequestBytes : 0), maxRequestItems),
    columnsAt: take(COLUMNS_BYTES),
    rings: signals.map(() => ({
      rowsAt: take(segments * SEGMENT_ROWS * ROW_BYTES),
      keysAt: take(segments * SEGMENT_ROWS * 4),
      tableAt: take(tableEntries * 4),
      tableEntries,
      freeAt: take(segments * 4),
    })),
    slabsAt: take(slabBytes * slabCount),
    slabBytes,
    slabCount,
    byteLength: next,
  };
  if (layout.byteLength > ADDRESS_SPACE) {
    throw new ObsvtyError(
      "invalid-argument",
      `${limits.maxItems} items a signal and ${limits.maxBytes} bytes in all do not fit together: they need ${layout.byteLength} bytes of address space, of which there are ${ADDRESS_SPACE}`,
    );
  }
  return layout;
}
