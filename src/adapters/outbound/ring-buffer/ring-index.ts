import type { AnyFilter } from "../../../domain/filter.ts";
import type { GroupBy } from "../../../domain/grouping.ts";
import { type Signal, signals } from "../../../domain/signal.ts";
import { ROW_BYTES } from "../../../otlp/scan/layout.ts";
import type { Scanner, ScanPlace } from "../../../otlp/scan/scanner.ts";
import { instantiate } from "../../../otlp/scan/web-assembly-module.ts";
import type { Columns, WindowRest } from "../../../ports/telemetry-store.ts";
import { ColumnReader } from "./column-reader.ts";
import { attributeTags, undecidedBy, writeCriteria } from "./criteria.ts";
import * as layout from "./index-layout.ts";
import type { MemoryLayout } from "./memory-layout.ts";

/** The functions of `assembly/index.ts`. Addresses and counts are unsigned 32-bit integers. */
interface IndexExports {
  commit(
    signal: number,
    count: number,
    moved: number,
    stage: number,
    stageEnd: number,
    stagedNext: number,
  ): void;
  evict(signal: number, count: number): void;
  find(signal: number, from: number, to: number, downwards: boolean, limit: number): number;
  columns(signal: number, from: number, to: number, area: number): number;
  cut(
    signal: number,
    root: number,
    at: number,
    length: number,
    first: number,
    count: number,
    dropEmpty: boolean,
    target: number,
  ): number;
}

export interface IndexWindow {
  /** Positions [`from`, `to`), counted from the oldest row held. */
  readonly from: number;
  readonly to: number;
  readonly order: "oldest" | "newest";
  readonly limit: number;
}

export interface Positions {
  readonly found: readonly number[];
  /** The part of the window that was not looked at. */
  readonly rest: { readonly from: number; readonly to: number };
}

export interface CutRequest {
  /** Address of the request. */
  readonly at: number;
  readonly length: number;
  /** The items that stay are those of `count` rows, the first of them counted from the oldest row held. */
  readonly first: number;
  readonly count: number;
  /** Whether a message of which no item is left is left out. */
  readonly dropEmpty: boolean;
}

/** The rows of what is held, one ring a signal, in the memory of a scanner. Searched without decoding anything. */
export class RingIndex {
  readonly #scanner: Scanner;
  readonly #layout: MemoryLayout;
  readonly #longs: BigUint64Array;
  readonly #exports: IndexExports;
  readonly #columns: ColumnReader;

  /** @param maxItems rows that a ring may keep */
  constructor(memory: WebAssembly.Memory, scanner: Scanner, memoryLayout: MemoryLayout, maxItems: number) {
    this.#scanner = scanner;
    this.#layout = memoryLayout;
    this.#longs = new BigUint64Array(memory.buffer);
    this.#exports = instantiate("ring-index.wasm", memory);
    this.#columns = new ColumnReader(scanner, this.#longs, memoryLayout.columnsAt);
    const { words } = scanner;
    for (const [i, ring] of memoryLayout.rings.entries()) {
      const descriptor = descriptorAt(i) / 4;
      words[descriptor + layout.RING_ROWS / 4] = ring.rowsAt;
      words[descriptor + layout.RING_KEYS / 4] = ring.keysAt;
      words[descriptor + layout.RING_TABLE / 4] = ring.tableAt;
      words[descriptor + layout.RING_MASK / 4] = ring.tableEntries - 1;
      words[descriptor + layout.RING_FREE / 4] = ring.freeAt;
      words[descriptor + layout.RING_MOST / 4] = maxItems;
    }
  }

  /**
   * Moves the newest `count` of the rows that a scan staged into the signal's ring.
   * @param stagedNext address of the row after the newest staged one
   * @param moved how far the request was moved since it was scanned, in bytes
   */
  commit(
    signal: Signal,
    count: number,
    { stageAt, stageRows }: ScanPlace,
    stagedNext: number,
    moved: number,
  ): void {
    const stageEnd = stageAt + stageRows * ROW_BYTES;
    this.#exports.commit(signals.indexOf(signal), count, moved, stageAt, stageEnd, stagedNext);
  }

  /** Forgets the oldest `count` rows of the signal's ring. */
  evict(signal: Signal, count: number): void {
    this.#exports.evict(signals.indexOf(signal), count);
  }

  /**
   * The positions of rows that may match the filter, ascending: the first or, with the newest first, the last ones in the
   * window. Looks at a bounded part of it.
   */
  find(signal: Signal, filter: AnyFilter, { from, to, order, limit }: IndexWindow): Positions {
    const { scratchAt, scratchBytes } = this.#layout;
    const { words } = this.#scanner;
    if (!writeCriteria(this.#scanner, this.#longs, signal, filter, scratchAt, scratchBytes)) {
      return { found: [], rest: order === "newest" ? { from, to: from } : { from: to, to } };
    }
    const downwards = order === "newest";
    const most = Math.min(layout.MAX_MATCHES, limit);
    const count = this.#exports.find(signals.indexOf(signal), from, to, downwards, most);
    const found = Array.from(words.subarray(layout.MATCHES / 4, layout.MATCHES / 4 + count));
    const looked = words[layout.FIND_LOOKED / 4] ?? 0;
    return downwards
      ? { found: found.reverse(), rest: { from, to: to - looked } }
      : { found, rest: { from: from + looked, to } };
  }

  /** The columns of the rows of the items [`from`, `to`) that match the filter. @param first ordinal of the oldest row held */
  columns(
    signal: Signal,
    filter: AnyFilter,
    { first, from, to }: { readonly first: number } & WindowRest,
    groupBy: readonly GroupBy[],
  ): Columns {
    const { scratchAt, scratchBytes, columnsAt } = this.#layout;
    const { words, bytes } = this.#scanner;
    if (!writeCriteria(this.#scanner, this.#longs, signal, filter, scratchAt, scratchBytes)) {
      return this.#columns.none(to);
    }
    bytes.set(attributeTags[signal], layout.CRITERIA_ATTRIBUTE_TAGS);
    this.#columns.ask(groupBy, undecidedBy(filter, words[layout.CRITERIA_FLAGS / 4] ?? 0));
    const count = this.#exports.columns(signals.indexOf(signal), from - first, to - first, columnsAt);
    const looked = words[layout.FIND_LOOKED / 4] ?? 0;
    return this.#columns.read(groupBy, count, { from, to }, from + looked);
  }

  /** A copy of a request without the items that are not chosen. */
  cut(signal: Signal, { at, length, first, count, dropEmpty }: CutRequest): Uint8Array {
    const { scratchAt } = this.#layout;
    const i = signals.indexOf(signal);
    const root = this.#scanner.rootOf(signal);
    const left = this.#exports.cut(i, root, at, length, first, count, dropEmpty, scratchAt);
    return this.#scanner.bytes.slice(scratchAt, scratchAt + left);
  }

  /**
   * Address of a row that is held.
   * @param fromNewest 1 for the newest row, 2 for the one before it, and so on
   */
  rowAt(signal: Signal, fromNewest: number): number {
    const i = signals.indexOf(signal);
    const { words } = this.#scanner;
    const ring = this.#layout.rings[i];
    if (ring === undefined) return 0;
    // Numbers of rows are counted modulo 2^32.
    const row = ((words[(descriptorAt(i) + layout.RING_NEXT) / 4] ?? 0) - fromNewest) >>> 0;
    const entry = (row >>> layout.SEGMENT_SHIFT) & (ring.tableEntries - 1);
    const segment = words[ring.tableAt / 4 + entry] ?? 0;
    const slot = segment * layout.SEGMENT_ROWS + (row & (layout.SEGMENT_ROWS - 1));
    return ring.rowsAt + slot * ROW_BYTES;
  }
}

/** Address of the descriptor of the `i`th signal's ring. */
function descriptorAt(i: number): number {
  return layout.RINGS + i * layout.RING_BYTES;
}
