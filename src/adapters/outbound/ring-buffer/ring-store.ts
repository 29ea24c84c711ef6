import { randomBytes } from "node:crypto";
import type { AcceptedRequest } from "../../../domain/accepted-request.ts";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { FilterBySignal } from "../../../domain/filter.ts";
import type { GroupBy } from "../../../domain/grouping.ts";
import { bySignal, type Signal, signals } from "../../../domain/signal.ts";
import { Scanner, type ScanOutcome, type ScanPlace, type SoundScan } from "../../../otlp/scan/scanner.ts";
import { reserveMemory } from "../../../otlp/scan/web-assembly-module.ts";
import {
  type AppendOutcome,
  type Columns,
  type EncodedItem,
  type FindWindow,
  type Found,
  longRequestBytes,
  maxRequestItems,
  type OrdinalRange,
  type RequestBounds,
  type ServiceCounts,
  type StoreStats,
  type TelemetryStore,
  type WindowRest,
} from "../../../ports/telemetry-store.ts";
import { copyInSteps } from "./copy-in-steps.ts";
import { ItemReader } from "./item-reader.ts";
import { layOutMemory, type MemoryLayout, type RingLimits } from "./memory-layout.ts";
import { RequestReader } from "./request-reader.ts";
import { RingIndex } from "./ring-index.ts";
import { ServiceCounter } from "./service-counter.ts";
import { SignalRing } from "./signal-ring.ts";
import { SlabAllocator } from "./slab-allocator.ts";

/**
 * The ring buffer: requests stay encoded, in slabs of one WebAssembly memory that the scanner sees, and an
 * index row an item refers into them.
 *
 * ```
 *  slabs of traces   [ request | request | ..  ][ request | request |  free  ]
 *                        ^  ^       ^                 ^        ^
 *  rows of traces    .. [r][r] .. [r] ............. [r] .... [r]  (next)
 *                        first: the oldest held
 * ```
 *
 * A slab belongs to one signal and goes back to the pool when its last item is evicted. When no slab is
 * free, the slab that was begun first, of whatever signal, gives way with all its items.
 */
export class RingStore implements TelemetryStore {
  /** What is held does not outlive the process, so every store counts from 0 and is a run of its own. */
  readonly runId = randomBytes(6).toString("base64url");
  readonly #limits: RingLimits;
  readonly #layout: MemoryLayout;
  readonly #scanner: Scanner;
  /** Pauses in the middle of a request. */
  readonly #longScanner: Scanner;
  readonly #index: RingIndex;
  readonly #slabs: SlabAllocator;
  readonly #items: ItemReader;
  readonly #requests: RequestReader;
  readonly #services: ServiceCounter;
  readonly #rings: Readonly<Record<Signal, SignalRing>>;
  /** Whether any item of any signal is pinned, now or when it arrives. */
  #isPinning = false;
  /** Whether a long request is being appended. */
  #hasLong = false;

  /** @throws ObsvtyError `invalid-argument` when the bounds do not fit the address space */
  constructor(limits: RingLimits) {
    this.#limits = limits;
    this.#layout = layOutMemory(limits);
    const memory = reserveMemory(this.#layout.byteLength);
    this.#scanner = new Scanner(memory, 0);
    this.#longScanner = new Scanner(memory, 1);
    this.#index = new RingIndex(memory, this.#scanner, this.#layout, limits.maxItems);
    this.#items = new ItemReader(this.#scanner.bytes);
    this.#requests = new RequestReader(this.#scanner.bytes, this.#index);
    this.#services = new ServiceCounter(this.#items, this.#index, this.#scanner.words);
    this.#rings = bySignal((signal) => new SignalRing(signal));
    this.#slabs = new SlabAllocator(this.#layout, Object.values(this.#rings));
  }

  append(signal: Signal, chunks: readonly Uint8Array[], byteLength: number): AppendOutcome {
    if (byteLength > longRequestBytes) return lastOf(this.appendInSteps(signal, chunks, byteLength));
    if (byteLength > this.#limits.maxRequestBytes) return this.#tooLong(byteLength);
    const ring = this.#rings[signal];
    // Nothing is evicted before the request is known to be valid: without room in a slab it is scanned in the scratch
    // space and moved afterwards.
    const { short } = this.#layout;
    const place = { ...short, at: this.#slabs.roomFor(ring, byteLength) ?? short.at };
    let end = place.at;
    for (const chunk of chunks) {
      this.#scanner.bytes.set(chunk, end);
      end += chunk.byteLength;
    }
    const scanned = this.#scanner.scan(signal, byteLength, place);
    return this.#settle(ring, byteLength, scanned, place, this.#scanner.stagedNext);
  }

  *appendInSteps(
    signal: Signal,
    chunks: readonly Uint8Array[],
    byteLength: number,
  ): Generator<void, AppendOutcome> {
    if (byteLength > this.#limits.maxRequestBytes) return this.#tooLong(byteLength);
    if (this.#hasLong) throw new Error("a long request is appended already");
    this.#hasLong = true;
    try {
      const { long } = this.#layout;
      yield* copyInSteps(chunks, this.#scanner.bytes, long.at);
      const scanned = yield* this.#longScanner.scanInSteps(signal, byteLength, long);
      // Keeping many items is a step of its own.
      yield;
      return this.#settle(this.#rings[signal], byteLength, scanned, long, this.#longScanner.stagedNext);
    } finally {
      this.#hasLong = false;
    }
  }

  range(signal: Signal): OrdinalRange {
    const { first, next } = this.#rings[signal];
    return { first, next };
  }

  find<S extends Signal>(signal: S, filter: FilterBySignal[S], window: FindWindow): Found {
    const { order, limit } = window;
    const { first, from, to } = heldPart(this.#rings[signal], window);
    const { found, rest } = this.#index.find(signal, filter, {
      from: from - first,
      to: to - first,
      order,
      limit,
    });
    return {
      ordinals: found.map((position) => first + position),
      rest: { from: first + rest.from, to: first + rest.to },
    };
  }

  columns<S extends Signal>(
    signal: S,
    filter: FilterBySignal[S],
    window: WindowRest,
    groupBy: readonly GroupBy[],
  ): Columns {
    return this.#index.columns(signal, filter, heldPart(this.#rings[signal], window), groupBy);
  }

  read(signal: Signal, ordinal: number): EncodedItem | undefined {
    const row = this.#rowAt(signal, ordinal);
    return row === undefined ? row : this.#items.read(signal, ordinal, row / 4, this.#scanner.words);
  }

  view(signal: Signal, ordinal: number): EncodedItem | undefined {
    const row = this.#rowAt(signal, ordinal);
    return row === undefined ? row : this.#items.view(signal, ordinal, row / 4, this.#scanner.words);
  }

  readRequests(signal: Signal, from: number, bounds: RequestBounds): readonly AcceptedRequest[] {
    return this.#requests.read(this.#rings[signal], from, bounds);
  }

  bytesFrom(signal: Signal, from: number): number {
    const ring = this.#rings[signal];
    return ring.bytesFrom(Math.max(from, ring.first));
  }

  pin(signal: Signal, from: number): void {
    this.#rings[signal].pinnedFrom = from;
    this.#isPinning = signals.some((each) => this.#rings[each].pinnedFrom < Number.POSITIVE_INFINITY);
  }

  stats(signal: Signal): StoreStats {
    const ring = this.#rings[signal];
    return { items: ring.held, bytes: ring.bytesFrom(ring.first), evicted: ring.evicted };
  }

  services(signal: Signal, from: number): ServiceCounts {
    return this.#services.count(this.#rings[signal], from);
  }

  clear(): number {
    let cleared = 0;
    for (const signal of signals) {
      const ring = this.#rings[signal];
      cleared += ring.held;
      this.#forget(ring, ring.next);
    }
    return cleared;
  }

  #tooLong(byteLength: number): AppendOutcome {
    // It would run out of the scratch space, over the index. Comes here although the body was within the
    // limit: JSON's `[0,0,0]` is four times as long in protobuf.
    const { maxRequestBytes } = this.#limits;
    return tooLarge(`received message larger than max (${byteLength} vs. ${maxRequestBytes})`);
  }

  /** Keeps a request that has been scanned, if it may be kept. */
  #settle(
    ring: SignalRing,
    byteLength: number,
    scanned: ScanOutcome,
    place: ScanPlace,
    stagedNext: number,
  ): AppendOutcome {
    if (scanned.kind === "refused") return scanned;
    const { accepted, rejected, rejections } = scanned;
    if (accepted > maxRequestItems) {
      return tooLarge(`the request has ${accepted} items, and at most ${maxRequestItems} are taken at once`);
    }
    const firstOrdinal = ring.next;
    if (accepted > 0) {
      const error = this.#isPinning ? this.#refusalByPins(ring, byteLength, accepted) : undefined;
      if (error !== undefined) return { kind: "refused", error };
      this.#keep(ring, byteLength, scanned, place, stagedNext);
    }
    return { kind: "kept", accepted, rejected, rejections, firstOrdinal };
  }

  /** Why the request must not be kept: pinned items would be evicted for it. */
  #refusalByPins(ring: SignalRing, byteLength: number, accepted: number): ObsvtyError | undefined {
    const overflow = ring.held + accepted - this.#limits.maxItems;
    const isPinned = ring.pinnedFrom < Number.POSITIVE_INFINITY;
    if (isPinned && (accepted > this.#limits.maxItems || !this.#slabs.canHold(byteLength))) {
      return new ObsvtyError("too-large", `the buffer cannot hold ${accepted} items in ${byteLength} bytes`);
    }
    const evictsPinned = overflow > 0 && ring.first + overflow > ring.pinnedFrom;
    if (!evictsPinned && this.#slabs.canMakeRoom(ring, byteLength)) return undefined;
    return new ObsvtyError("buffer-full", "the buffer is full of items that have not been handed on");
  }

  /** Keeps a valid request: evicts items to make room for it, and moves it there. */
  #keep(
    ring: SignalRing,
    byteLength: number,
    { accepted, rejected }: SoundScan,
    place: ScanPlace,
    stagedNext: number,
  ): void {
    const { at } = place;
    const slab = this.#slabs.take(ring, byteLength, (owner, upTo) => this.#evict(owner, upTo));
    if (slab === undefined) {
      // The request is larger than the whole buffer: it is accepted, and evicted at once.
      this.#evict(ring, ring.next);
      ring.next += accepted;
      ring.first = ring.next;
      ring.evicted += accepted;
      return;
    }
    const target = slab.at + slab.used;
    if (target !== at) this.#scanner.bytes.copyWithin(target, at, at + byteLength);
    const kept = Math.min(accepted, this.#limits.maxItems);
    const overflow = ring.held + accepted - this.#limits.maxItems;
    ring.add(slab, byteLength, accepted, rejected > 0);
    this.#index.commit(ring.signal, kept, place, stagedNext, target - at);
    if (overflow > 0) {
      ring.evicted += overflow;
      ring.first += overflow;
      this.#slabs.release(ring);
    }
    this.#items.forgetCached();
  }

  /** Forgets items up to an ordinal and counts them as evicted. */
  #evict(ring: SignalRing, upTo: number): void {
    ring.evicted += upTo - ring.first;
    this.#forget(ring, upTo);
  }

  #forget(ring: SignalRing, upTo: number): void {
    this.#index.evict(ring.signal, upTo - ring.first);
    ring.first = upTo;
    this.#slabs.release(ring);
    this.#items.forgetCached();
  }

  /** Address of the row of an item; undefined when it is not held. */
  #rowAt(signal: Signal, ordinal: number): number | undefined {
    const { first, next } = this.#rings[signal];
    if (!(ordinal >= first && ordinal < next)) return undefined;
    return this.#index.rowAt(signal, this.#rings[signal].next - ordinal);
  }
}

/** The part of a window that is held, with the first ordinal that is. */
function heldPart({ first, next }: SignalRing, window: WindowRest) {
  const from = Math.max(window.from, first);
  return { first, from, to: Math.max(from, Math.min(window.to, next)) };
}

function tooLarge(message: string): AppendOutcome {
  return { kind: "refused", error: new ObsvtyError("too-large", message) };
}

/** Takes all steps at once. */
function lastOf(steps: Generator<void, AppendOutcome>): AppendOutcome {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
