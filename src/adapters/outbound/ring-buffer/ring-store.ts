import { randomBytes } from "node:crypto";
import type { AcceptedRequest } from "../../../domain/accepted-request.ts";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { FilterBySignal } from "../../../domain/filter.ts";
import { bySignal, type Signal, signals } from "../../../domain/signal.ts";
import * as row from "../../../otlp/scan/layout.ts";
import { Scanner } from "../../../otlp/scan/scanner.ts";
import { reserveMemory } from "../../../otlp/scan/web-assembly-module.ts";
import type {
  AppendOutcome,
  EncodedItem,
  FindWindow,
  Found,
  OrdinalRange,
  RequestBounds,
  ServiceCounts,
  StoreStats,
  TelemetryStore,
} from "../../../ports/telemetry-store.ts";
import { ItemReader } from "./item-reader.ts";
import { layOutMemory, type MemoryLayout, type RingLimits } from "./memory-layout.ts";
import { RequestReader } from "./request-reader.ts";
import { RingIndex } from "./ring-index.ts";
import { SignalRing } from "./signal-ring.ts";
import { SlabAllocator } from "./slab-allocator.ts";

/**
 * One call of `services` ends after this many steps, each some tens of nanoseconds. A row is one, and taking a name is
 * NAME_STEPS and one for each two characters.
 */
const SERVICES_STEPS = 131_072;
const NAME_STEPS = 16;
const MAX_NAME_BYTES = 2_048;

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
  readonly #index: RingIndex;
  readonly #slabs: SlabAllocator;
  readonly #items: ItemReader;
  readonly #requests: RequestReader;
  readonly #rings: Readonly<Record<Signal, SignalRing>>;
  /** Whether any item of any signal is pinned, now or when it arrives. */
  #isPinning = false;

  /** @throws ObsvtyError `invalid-argument` when the bounds do not fit the address space */
  constructor(limits: RingLimits) {
    this.#limits = limits;
    this.#layout = layOutMemory(limits);
    const memory = reserveMemory(this.#layout.byteLength);
    this.#scanner = new Scanner(memory);
    this.#index = new RingIndex(memory, this.#scanner, this.#layout, limits.maxItems);
    this.#items = new ItemReader(this.#scanner.bytes);
    this.#requests = new RequestReader(this.#scanner.bytes, this.#index);
    this.#rings = bySignal((signal) => new SignalRing(signal));
    this.#slabs = new SlabAllocator(this.#layout, Object.values(this.#rings));
  }

  append(signal: Signal, chunks: readonly Uint8Array[], byteLength: number): AppendOutcome {
    const { maxRequestBytes } = this.#limits;
    if (byteLength > maxRequestBytes) {
      // It would run out of the scratch space, over the index. Comes here although the body was within the
      // limit: JSON's `[0,0,0]` is four times as long in protobuf.
      const message = `received message larger than max (${byteLength} vs. ${maxRequestBytes})`;
      return { kind: "refused", error: new ObsvtyError("too-large", message) };
    }
    const ring = this.#rings[signal];
    const { scratchAt, stageAt, stageRows } = this.#layout;
    // Nothing is evicted before the request is known to be valid: without room in a slab it is scanned in the scratch
    // space and moved afterwards.
    const at = this.#slabs.roomFor(ring, byteLength) ?? scratchAt;
    let end = at;
    for (const chunk of chunks) {
      this.#scanner.bytes.set(chunk, end);
      end += chunk.byteLength;
    }
    const scanned = this.#scanner.scan(signal, at, byteLength, stageAt, stageRows);
    if (scanned.kind === "refused") return scanned;
    const firstOrdinal = ring.next;
    if (scanned.accepted > 0) {
      const error = this.#isPinning ? this.#refusalByPins(ring, byteLength, scanned.accepted) : undefined;
      if (error !== undefined) return { kind: "refused", error };
      this.#keep(ring, at, byteLength, scanned.accepted, scanned.rejected > 0);
    }
    return {
      kind: "kept",
      accepted: scanned.accepted,
      rejected: scanned.rejected,
      rejections: scanned.rejections,
      firstOrdinal,
    };
  }

  range(signal: Signal): OrdinalRange {
    const { first, next } = this.#rings[signal];
    return { first, next };
  }

  find<S extends Signal>(signal: S, filter: FilterBySignal[S], window: FindWindow): Found {
    const { first, next } = this.#rings[signal];
    const { order, limit } = window;
    const from = Math.max(window.from, first);
    const to = Math.max(from, Math.min(window.to, next));
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

  read(signal: Signal, ordinal: number): EncodedItem | undefined {
    const { first, next } = this.#rings[signal];
    if (!(ordinal >= first && ordinal < next)) return undefined;
    return this.#items.read(signal, ordinal, this.#rowAt(signal, ordinal) / 4, this.#scanner.words);
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
    const { first, next } = this.#rings[signal];
    const items = new Map<string, number>();
    let ordinal = Math.max(from, first);
    let name: string | undefined;
    let lastAt = 0;
    for (let steps = 0; ordinal < next && steps < SERVICES_STEPS; ordinal++, steps++) {
      const at = this.#word(this.#rowAt(signal, ordinal) + row.ROW_SERVICE_AT);
      // Items of one resource refer to the same bytes.
      if (name === undefined || at !== lastAt) {
        name = this.#items.stringAt(at, MAX_NAME_BYTES);
        steps += NAME_STEPS + name.length / 2;
      }
      lastAt = at;
      items.set(name, (items.get(name) ?? 0) + 1);
    }
    return { items, rest: { from: ordinal, to: next } };
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

  /** Keeps the valid request at `at`: evicts items to make room for it, and moves it there. */
  #keep(ring: SignalRing, at: number, byteLength: number, accepted: number, hasRejected: boolean): void {
    const slab = this.#slabs.take(ring, byteLength, (owner, upTo) => this.#evict(owner, upTo));
    if (slab === undefined) {
      // Larger than the whole buffer: accepted, and evicted at once.
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
    ring.add(slab, byteLength, accepted, hasRejected);
    this.#index.commit(ring.signal, kept, target - at);
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

  /** Address of the row of an item that is held. */
  #rowAt(signal: Signal, ordinal: number): number {
    return this.#index.rowAt(signal, this.#rings[signal].next - ordinal);
  }

  #word(at: number): number {
    return this.#scanner.words[at / 4] ?? 0;
  }
}
