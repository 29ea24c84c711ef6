import type { AcceptedRequest } from "../../../domain/accepted-request.ts";
import type { RequestBounds } from "../../../ports/telemetry-store.ts";
import type { TableEntry } from "./request-table.ts";
import type { RingIndex } from "./ring-index.ts";
import type { SignalRing, Slab } from "./signal-ring.ts";

/** The share of a part's limit that is aimed at, since a part that is too long is made once more. */
const FILL = 0.9;

interface PartLimits {
  readonly maxBytes: number;
  readonly maxItems: number;
}

/** Takes whole requests out of the memory. Everything it returns is a copy. */
export class RequestReader {
  readonly #bytes: Uint8Array;
  readonly #index: RingIndex;

  constructor(bytes: Uint8Array, index: RingIndex) {
    this.#bytes = bytes;
    this.#index = index;
  }

  /** See `TelemetryStore.readRequests`. */
  read(ring: SignalRing, from: number, bounds: RequestBounds): AcceptedRequest[] {
    const requests: AcceptedRequest[] = [];
    const first = Math.max(from, ring.first);
    const limits: PartLimits = {
      maxBytes: bounds.maxRequestBytes ?? Number.POSITIVE_INFINITY,
      maxItems: bounds.maxRequestItems ?? Number.POSITIVE_INFINITY,
    };
    let bytesLeft = bounds.maxBytes;
    const whole = new WholeRequests(this.#bytes, requests, bounds.allocate);
    for (const slab of ring.slabs) {
      if (slab.endOrdinal <= first) continue;
      const { table } = slab;
      for (let i = table.indexOf(first - slab.firstOrdinal); i < table.length; i++) {
        const entry = table.entry(i);
        const byteLength = entry.end - entry.at;
        const fits = requests.length + whole.count < bounds.maxRequests && byteLength <= bytesLeft;
        if (!fits && requests.length + whole.count > 0) {
          whole.take();
          return requests;
        }
        bytesLeft -= byteLength;
        const isPart =
          slab.firstOrdinal + entry.firstItem < first ||
          byteLength > limits.maxBytes ||
          entry.endItem - entry.firstItem > limits.maxItems;
        if (!entry.hasRejected && !isPart) {
          whole.add(slab, entry);
          continue;
        }
        whole.take();
        const cut = isPart
          ? this.#part(ring, slab, entry, first, limits)
          : this.#cut(ring, slab, entry, slab.firstOrdinal + entry.firstItem);
        requests.push(cut);
        if (cut.firstOrdinal + cut.items < slab.firstOrdinal + entry.endItem) return requests;
      }
    }
    whole.take();
    return requests;
  }

  /** A part of a request: as many of its items from ordinal `first` on as fit, one at least. */
  #part(
    ring: SignalRing,
    slab: Slab,
    entry: TableEntry,
    first: number,
    { maxBytes, maxItems }: PartLimits,
  ): AcceptedRequest {
    const firstOrdinal = Math.max(first, slab.firstOrdinal + entry.firstItem);
    let count = Math.min(maxItems, slab.firstOrdinal + entry.endItem - firstOrdinal);
    let expected = ((entry.end - entry.at) * count) / (entry.endItem - entry.firstItem);
    for (let most = count; ; most /= 4) {
      // Items differ in length, and messages around them come with each part. Where these are long, no estimate fits.
      if (expected > maxBytes) {
        count = Math.max(1, Math.floor(Math.min(most, (count * FILL * maxBytes) / expected)));
      }
      const part = this.#cut(ring, slab, entry, firstOrdinal, count);
      expected = part.bytes.byteLength;
      if (expected <= maxBytes || count === 1) return part;
    }
  }

  /**
   * The accepted items of a request from this ordinal on.
   * @param count for a part of the request; otherwise all
   */
  #cut(
    ring: SignalRing,
    slab: Slab,
    entry: TableEntry,
    firstOrdinal: number,
    count?: number,
  ): AcceptedRequest {
    const items = count ?? entry.endItem - entry.firstItem;
    const bytes = this.#index.cut(ring.signal, {
      at: slab.at + entry.at,
      length: entry.end - entry.at,
      first: firstOrdinal - ring.first,
      count: items,
      dropEmpty: count !== undefined,
    });
    if (count === undefined) return { firstOrdinal, items, bytes };
    const partOf = { byteLength: entry.end - entry.at, end: slab.firstOrdinal + entry.endItem };
    return { firstOrdinal, items, bytes, partOf };
  }
}

function allocateFresh(byteLength: number): Uint8Array {
  return new Uint8Array(byteLength);
}

/** Requests side by side in one slab. */
interface Run {
  readonly slab: Slab;
  readonly entries: TableEntry[];
}

/** Requests that are given as they are. They are copied together, which costs a tenth, and into one memory. */
class WholeRequests {
  readonly #bytes: Uint8Array;
  readonly #taken: AcceptedRequest[];
  readonly #allocate: NonNullable<RequestBounds["allocate"]>;
  #runs: Run[] = [];
  #byteLength = 0;
  count = 0;

  constructor(
    bytes: Uint8Array,
    taken: AcceptedRequest[],
    allocate: RequestBounds["allocate"] = allocateFresh,
  ) {
    this.#bytes = bytes;
    this.#taken = taken;
    this.#allocate = allocate;
  }

  add(slab: Slab, entry: TableEntry): void {
    const last = this.#runs.at(-1);
    if (last?.slab === slab) last.entries.push(entry);
    else this.#runs.push({ slab, entries: [entry] });
    this.#byteLength += entry.end - entry.at;
    this.count += 1;
  }

  take(): void {
    if (this.count === 0) return;
    const copy = this.#allocate(this.#byteLength);
    let at = 0;
    for (const run of this.#runs) at = this.#copyRun(run, copy, at);
    this.#runs = [];
    this.#byteLength = 0;
    this.count = 0;
  }

  #copyRun({ slab, entries }: Run, copy: Uint8Array, start: number): number {
    const from = slab.at + (entries[0]?.at ?? 0);
    copy.set(this.#bytes.subarray(from, slab.at + (entries.at(-1)?.end ?? 0)), start);
    let at = start;
    for (const { at: entryAt, end, firstItem, endItem } of entries) {
      const byteLength = end - entryAt;
      const firstOrdinal = slab.firstOrdinal + firstItem;
      const bytes = copy.subarray(at, at + byteLength);
      this.#taken.push({ firstOrdinal, items: endItem - firstItem, bytes });
      at += byteLength;
    }
    return at;
  }
}
