import { randomBytes } from "node:crypto";
import { ObsvtyError } from "../../../domain/errors.ts";
import { bySignal, type Signal, signals } from "../../../domain/signal.ts";
import * as row from "../../../otlp/scan/layout.ts";
import { Scanner } from "../../../otlp/scan/scanner.ts";
import { reserveMemory } from "../../../otlp/scan/web-assembly-module.ts";
import type {
  AppendOutcome,
  CriteriaBySignal,
  EncodedItem,
  FindWindow,
  Found,
  OrdinalRange,
  ServiceCounts,
  StoreStats,
  TelemetryStore,
} from "../../../ports/telemetry-store.ts";
import { ItemReader } from "./item-reader.ts";
import { layOutMemory, type MemoryLayout, type RingLimits } from "./memory-layout.ts";
import { RingIndex } from "./ring-index.ts";
import { SignalRing, type Slab } from "./signal-ring.ts";
import { slabsToAdd } from "./slab-growth.ts";
import { SlabPool } from "./slab-pool.ts";

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
  readonly #pool: SlabPool;
  readonly #items: ItemReader;
  readonly #rings: Readonly<Record<Signal, SignalRing>>;
  #slabsBorn = 0;

  /** @throws ObsvtyError `invalid-argument` when the bounds do not fit the address space */
  constructor(limits: RingLimits) {
    this.#limits = limits;
    this.#layout = layOutMemory(limits);
    const memory = reserveMemory(this.#layout.byteLength);
    this.#scanner = new Scanner(memory);
    this.#index = new RingIndex(memory, this.#scanner, this.#layout, limits.maxItems);
    this.#pool = new SlabPool(this.#layout.slabCount);
    this.#items = new ItemReader(this.#scanner.bytes);
    this.#rings = bySignal(() => new SignalRing());
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
    // Whatever is evicted for this request must not be before it is known to be sound: without room in a
    // slab it is scanned in the scratch space and moved afterwards.
    const at = this.#roomFor(ring, byteLength) ?? scratchAt;
    let end = at;
    for (const chunk of chunks) {
      this.#scanner.bytes.set(chunk, end);
      end += chunk.byteLength;
    }
    const scanned = this.#scanner.scan(signal, at, byteLength, stageAt, stageRows);
    if (scanned.kind === "refused") return scanned;
    const firstOrdinal = ring.next;
    if (scanned.accepted > 0) this.#keep(signal, at, byteLength, scanned.accepted);
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

  find<S extends Signal>(signal: S, criteria: CriteriaBySignal[S], window: FindWindow): Found {
    const { first, next } = this.#rings[signal];
    const { order, limit } = window;
    const from = Math.max(window.from, first);
    const to = Math.max(from, Math.min(window.to, next));
    const { found, rest } = this.#index.find(signal, criteria, {
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

  stats(signal: Signal): StoreStats {
    const ring = this.#rings[signal];
    let bytes = 0;
    for (const slab of ring.slabs) bytes += slab.used;
    const oldest = ring.slabs[0];
    if (oldest !== undefined && ring.held > 0) {
      // What lies before the request of the oldest item is not held any more. One byte for the field's tag.
      const resourceAt = this.#word(this.#rowAt(signal, ring.first) + row.ROW_RESOURCE_AT);
      bytes -= Math.max(0, resourceAt - 1 - oldest.at);
    }
    return { items: ring.held, bytes, evicted: ring.evicted };
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
      this.#forget(signal, ring.next);
    }
    return cleared;
  }

  /** Where a request can go without anything being evicted. */
  #roomFor(ring: SignalRing, byteLength: number): number | undefined {
    const { slabBytes, slabsAt } = this.#layout;
    const active = ring.active;
    if (active !== undefined && slabsToAdd(active, byteLength, slabBytes, this.#pool) !== undefined) {
      return active.at + active.used;
    }
    const run = this.#pool.findRun(Math.max(1, Math.ceil(byteLength / slabBytes)));
    return run === undefined ? undefined : slabsAt + run * slabBytes;
  }

  /** Keeps a sound request, which is at `at`, moving it and evicting what must go. */
  #keep(signal: Signal, at: number, byteLength: number, accepted: number): void {
    const ring = this.#rings[signal];
    const slab = this.#slabFor(signal, byteLength);
    if (slab === undefined) {
      // Larger than the whole buffer: accepted, and evicted at once.
      this.#evict(signal, ring.next);
      ring.next += accepted;
      ring.first = ring.next;
      ring.evicted += accepted;
      return;
    }
    const target = slab.at + slab.used;
    if (target !== at) this.#scanner.bytes.copyWithin(target, at, at + byteLength);
    const kept = Math.min(accepted, this.#limits.maxItems);
    const overflow = ring.held + accepted - this.#limits.maxItems;
    slab.used += byteLength;
    slab.endOrdinal = ring.next + accepted;
    this.#index.commit(signal, kept, target - at);
    ring.next += accepted;
    if (overflow > 0) {
      ring.evicted += overflow;
      ring.first += overflow;
      this.#releaseSlabs(ring);
    }
    this.#items.forgetCached();
  }

  /** The slab to append to, after evicting as much as it takes; undefined when it can never fit. */
  #slabFor(signal: Signal, byteLength: number): Slab | undefined {
    const { slabBytes, slabsAt, slabCount } = this.#layout;
    const ring = this.#rings[signal];
    const active = ring.active;
    const added = active === undefined ? undefined : slabsToAdd(active, byteLength, slabBytes, this.#pool);
    if (active !== undefined && added !== undefined) {
      this.#pool.take(active.first + active.length, added);
      active.length += added;
      return active;
    }
    const length = Math.max(1, Math.ceil(byteLength / slabBytes));
    if (length > slabCount) return undefined;
    let run = this.#pool.findRun(length);
    while (run === undefined) {
      this.#evictOldestSlab();
      run = this.#pool.findRun(length);
    }
    this.#pool.take(run, length);
    const slab: Slab = {
      first: run,
      length,
      at: slabsAt + run * slabBytes,
      born: this.#slabsBorn++,
      used: 0,
      endOrdinal: ring.next,
    };
    ring.slabs.push(slab);
    return slab;
  }

  #evictOldestSlab(): void {
    let oldest: Slab | undefined;
    let owner: Signal | undefined;
    for (const signal of signals) {
      const slab = this.#rings[signal].slabs[0];
      if (slab !== undefined && (oldest === undefined || slab.born < oldest.born)) {
        oldest = slab;
        owner = signal;
      }
    }
    if (oldest === undefined || owner === undefined) throw new Error("no slab to evict, and none free");
    this.#evict(owner, oldest.endOrdinal);
  }

  /** Forgets items up to an ordinal and counts them as evicted. */
  #evict(signal: Signal, upTo: number): void {
    const ring = this.#rings[signal];
    ring.evicted += upTo - ring.first;
    this.#forget(signal, upTo);
  }

  #forget(signal: Signal, upTo: number): void {
    const ring = this.#rings[signal];
    this.#index.evict(signal, upTo - ring.first);
    ring.first = upTo;
    this.#releaseSlabs(ring);
    this.#items.forgetCached();
  }

  #releaseSlabs(ring: SignalRing): void {
    let slab = ring.slabs[0];
    while (slab !== undefined && slab.endOrdinal <= ring.first) {
      this.#pool.release(slab.first, slab.length);
      ring.slabs.shift();
      slab = ring.slabs[0];
    }
  }

  /** Address of the row of an item that is held. */
  #rowAt(signal: Signal, ordinal: number): number {
    return this.#index.rowAt(signal, this.#rings[signal].next - ordinal);
  }

  #word(at: number): number {
    return this.#scanner.words[at / 4] ?? 0;
  }
}
