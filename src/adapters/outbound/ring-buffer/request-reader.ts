import type { AcceptedRequest } from "../../../domain/accepted-request.ts";
import type { RequestBounds } from "../../../ports/telemetry-store.ts";
import type { TableEntry } from "./request-table.ts";
import type { RingIndex } from "./ring-index.ts";
import type { SignalRing, Slab } from "./signal-ring.ts";

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
    let bytesLeft = bounds.maxBytes;
    for (const slab of ring.slabs) {
      if (slab.endOrdinal <= first) continue;
      const whole = new WholeRequests(this.#bytes, slab, requests);
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
        if (!entry.hasRejected && slab.firstOrdinal + entry.firstItem >= first) {
          whole.add(entry);
        } else {
          whole.take();
          requests.push(this.#cut(ring, slab, entry, first));
        }
      }
      whole.take();
    }
    return requests;
  }

  /** The accepted items of a request from ordinal `first` on. */
  #cut(ring: SignalRing, slab: Slab, entry: TableEntry, first: number): AcceptedRequest {
    const firstOrdinal = Math.max(first, slab.firstOrdinal + entry.firstItem);
    const items = slab.firstOrdinal + entry.endItem - firstOrdinal;
    const [at, length] = [slab.at + entry.at, entry.end - entry.at];
    const bytes = this.#index.cut(ring.signal, at, length, firstOrdinal - ring.first, items);
    return { firstOrdinal, items, bytes };
  }
}

/** Requests side by side that are given as they are. They are copied together, which costs a tenth. */
class WholeRequests {
  readonly #bytes: Uint8Array;
  readonly #slab: Slab;
  readonly #taken: AcceptedRequest[];
  #entries: TableEntry[] = [];

  constructor(bytes: Uint8Array, slab: Slab, taken: AcceptedRequest[]) {
    this.#bytes = bytes;
    this.#slab = slab;
    this.#taken = taken;
  }

  get count(): number {
    return this.#entries.length;
  }

  add(entry: TableEntry): void {
    this.#entries.push(entry);
  }

  take(): void {
    const entries = this.#entries;
    const [first] = entries;
    const last = entries.at(-1);
    if (first === undefined || last === undefined) return;
    const { at, firstOrdinal } = this.#slab;
    const copy = this.#bytes.slice(at + first.at, at + last.end);
    for (const entry of entries) {
      this.#taken.push({
        firstOrdinal: firstOrdinal + entry.firstItem,
        items: entry.endItem - entry.firstItem,
        bytes: copy.subarray(entry.at - first.at, entry.end - first.at),
      });
    }
    this.#entries = [];
  }
}
