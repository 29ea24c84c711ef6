import { randomBytes } from "node:crypto";
import type { AcceptedRequest } from "../../src/domain/accepted-request.ts";
import type { EncodedItem } from "../../src/domain/encoded-item.ts";
import { ObsvtyError } from "../../src/domain/errors.ts";
import type { AnyFilter, FilterBySignal } from "../../src/domain/filter.ts";
import { bySignal, type Signal, signals } from "../../src/domain/signal.ts";
import type {
  AppendOutcome,
  Columns,
  FindWindow,
  Found,
  OrdinalRange,
  RequestBounds,
  ServiceCounts,
  StoreStats,
  TelemetryStore,
  WindowRest,
} from "../../src/ports/telemetry-store.ts";
import { type IndexRow, keepItems, parseRequest } from "./fake-store-request.ts";

interface HeldItem {
  readonly encoded: EncodedItem;
  readonly row: IndexRow;
  readonly request: HeldRequest;
  /** Position among the items of all signals. */
  readonly arrival: number;
}

interface HeldRequest {
  readonly firstOrdinal: number;
  /** As appended. */
  readonly bytes: Uint8Array;
  readonly verdicts: readonly boolean[];
}

/** The port `TelemetryStore` as plainly as can be: arrays of decoded rows. For tests alone. */
export class FakeStore implements TelemetryStore {
  readonly runId = randomBytes(6).toString("base64url");
  readonly #limits: { readonly maxItems: number; readonly maxBytes: number };
  readonly #held: Record<Signal, HeldItem[]> = { traces: [], logs: [], metrics: [], profiles: [] };
  readonly #next: Record<Signal, number> = { traces: 0, logs: 0, metrics: 0, profiles: 0 };
  readonly #evicted: Record<Signal, number> = { traces: 0, logs: 0, metrics: 0, profiles: 0 };
  /** Of the requests with items held. */
  readonly #bytes = bySignal(() => 0);
  readonly #pins = bySignal(() => Number.POSITIVE_INFINITY);
  readonly #maxRows: number;
  #arrivals = 0;

  /** @param maxRows items that one call of `find` or `services` looks at */
  constructor(
    limits: { readonly maxItems: number; readonly maxBytes: number },
    maxRows = Number.POSITIVE_INFINITY,
  ) {
    this.#limits = limits;
    this.#maxRows = maxRows;
  }

  append(signal: Signal, chunks: readonly Uint8Array[], byteLength: number): AppendOutcome {
    const bytes = new Uint8Array(Buffer.concat(chunks, byteLength));
    const firstOrdinal = this.#next[signal];
    let parsed: ReturnType<typeof parseRequest>;
    try {
      parsed = parseRequest(signal, bytes);
    } catch (cause) {
      const error = new ObsvtyError("not-the-message", "not an export request", { cause });
      return { kind: "refused", error };
    }
    const before = bySignal((each) => [...this.#held[each]]);
    const [evicted, heldBytes] = [{ ...this.#evicted }, { ...this.#bytes }];
    const request = { firstOrdinal, bytes, verdicts: parsed.verdicts };
    for (const { row, ...parts } of parsed.items) {
      const encoded = { ordinal: this.#next[signal]++, ...parts };
      this.#held[signal].push({ encoded, row, request, arrival: this.#arrivals++ });
    }
    if (parsed.items.length > 0) this.#bytes[signal] += bytes.byteLength;
    if (!this.#evict()) {
      Object.assign(this.#bytes, heldBytes);
      Object.assign(this.#held, before);
      Object.assign(this.#evicted, evicted);
      this.#next[signal] = firstOrdinal;
      const fits = parsed.items.length <= this.#limits.maxItems && bytes.byteLength <= this.#limits.maxBytes;
      const error = fits
        ? new ObsvtyError("buffer-full", "full of pinned items")
        : new ObsvtyError("too-large", "larger than the whole buffer");
      return { kind: "refused", error };
    }
    return {
      kind: "kept",
      accepted: parsed.items.length,
      rejected: parsed.rejected,
      rejections: parsed.rejections,
      firstOrdinal,
    };
  }

  *appendInSteps(
    signal: Signal,
    chunks: readonly Uint8Array[],
    byteLength: number,
  ): Generator<void, AppendOutcome> {
    yield;
    return this.append(signal, chunks, byteLength);
  }

  range(signal: Signal): OrdinalRange {
    const next = this.#next[signal];
    return { first: next - this.#held[signal].length, next };
  }

  find<S extends Signal>(signal: S, filter: FilterBySignal[S], window: FindWindow): Found {
    const { order, limit } = window;
    const range = this.range(signal);
    const isForward = order === "oldest";
    let from = Math.max(window.from, range.first);
    let to = Math.max(from, Math.min(window.to, range.next));
    const ordinals: number[] = [];
    for (let looked = 0; from < to && looked < this.#maxRows && ordinals.length < limit; looked++) {
      const ordinal = isForward ? from++ : --to;
      const held = this.#held[signal][ordinal - range.first];
      if (held !== undefined && matches(held.row, filter)) ordinals.push(ordinal);
    }
    return { ordinals: isForward ? ordinals : ordinals.reverse(), rest: { from, to } };
  }

  /** The index tells nothing: every item has to be decoded. */
  columns<S extends Signal>(signal: S, filter: FilterBySignal[S], window: WindowRest): Columns {
    const { ordinals, rest } = this.find(signal, filter, { ...window, order: "oldest", limit: 10_000 });
    return {
      base: 0,
      offsets: new Uint32Array(),
      times: new BigUint64Array(),
      endTimes: new BigUint64Array(),
      statuses: new Uint8Array(),
      groups: new Uint32Array(),
      groupValues: [],
      undecided: ordinals,
      rest,
    };
  }

  read(signal: Signal, ordinal: number): EncodedItem | undefined {
    const held = this.#held[signal].find(({ encoded }) => encoded.ordinal === ordinal);
    return structuredClone(held?.encoded);
  }

  view(signal: Signal, ordinal: number): EncodedItem | undefined {
    return this.read(signal, ordinal);
  }

  readRequests(signal: Signal, from: number, bounds: RequestBounds): readonly AcceptedRequest[] {
    const taken: AcceptedRequest[] = [];
    let bytesLeft = bounds.maxBytes;
    for (const { firstOrdinal, bytes, verdicts } of this.#requestsFrom(signal, from)) {
      bytesLeft -= bytes.byteLength;
      if (taken.length > 0 && (taken.length >= bounds.maxRequests || bytesLeft < 0)) break;
      const { maxRequestBytes = Number.POSITIVE_INFINITY, maxRequestItems = Number.POSITIVE_INFINITY } =
        bounds;
      const first = Math.max(from, firstOrdinal, this.range(signal).first);
      const end = firstOrdinal + verdicts.filter((accepted) => accepted).length;
      const isPart =
        first > firstOrdinal || bytes.byteLength > maxRequestBytes || end - firstOrdinal > maxRequestItems;
      const isWhole = !isPart && verdicts.every((accepted) => accepted);
      for (let items = Math.min(maxRequestItems, end - first); ; items--) {
        let ordinal = firstOrdinal;
        const stays = verdicts.map((accepted) => {
          if (accepted) ordinal += 1;
          return accepted && ordinal > first && ordinal <= first + items;
        });
        const left = isWhole ? copyOf(bytes, bounds) : keepItems(signal, bytes, stays, isPart);
        if (items > 1 && left.byteLength > maxRequestBytes) continue;
        const partOf = { byteLength: bytes.byteLength, end };
        taken.push({ firstOrdinal: first, items, bytes: left, ...(isPart && { partOf }) });
        if (first + items < end) return taken;
        break;
      }
    }
    return taken;
  }

  bytesFrom(signal: Signal, from: number): number {
    return this.#requestsFrom(signal, from).reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  }

  pin(signal: Signal, from: number): void {
    this.#pins[signal] = from;
  }

  #requestsFrom(signal: Signal, from: number): HeldRequest[] {
    const items = this.#held[signal].filter(({ encoded }) => encoded.ordinal >= from);
    return [...new Set(items.map(({ request }) => request))];
  }

  stats(signal: Signal): StoreStats {
    const items = this.#held[signal].length;
    return { items, bytes: this.#bytes[signal], evicted: this.#evicted[signal] };
  }

  services(signal: Signal, from: number): ServiceCounts {
    const { first, next } = this.range(signal);
    const begin = Math.max(from, first);
    const counted = this.#held[signal].slice(begin - first).slice(0, this.#maxRows);
    const items = new Map<string, number>();
    for (const { row } of counted) items.set(row.service, (items.get(row.service) ?? 0) + 1);
    return { items, rest: { from: begin + counted.length, to: next } };
  }

  clear(): number {
    let cleared = 0;
    for (const signal of signals) {
      cleared += this.#held[signal].length;
      this.#held[signal] = [];
      this.#bytes[signal] = 0;
    }
    return cleared;
  }

  /** False when pinned items would have to go. */
  #evict(): boolean {
    for (const signal of signals) {
      while (this.#held[signal].length > this.#limits.maxItems) {
        if (!this.#mayEvict(signal)) return false;
        this.#evictOldest(signal);
      }
    }
    while (signals.reduce((sum, signal) => sum + this.#bytes[signal], 0) > this.#limits.maxBytes) {
      const [oldest] = signals
        .filter((signal) => this.#mayEvict(signal))
        .sort((a, b) => this.#held[a][0]!.arrival - this.#held[b][0]!.arrival);
      if (oldest === undefined) return false;
      this.#evictOldest(oldest);
    }
    return true;
  }

  #mayEvict(signal: Signal): boolean {
    const oldest = this.#held[signal][0];
    return oldest !== undefined && oldest.encoded.ordinal < this.#pins[signal];
  }

  #evictOldest(signal: Signal): void {
    const request = this.#held[signal].shift()?.request;
    if (request !== this.#held[signal][0]?.request) this.#bytes[signal] -= request?.bytes.byteLength ?? 0;
    this.#evicted[signal] += 1;
  }
}

function copyOf(
  bytes: Uint8Array,
  { allocate = (length) => new Uint8Array(length) }: RequestBounds,
): Uint8Array {
  const copy = allocate(bytes.byteLength);
  copy.set(bytes);
  return copy;
}

function matches(row: IndexRow, filter: AnyFilter): boolean {
  const { traceId, traceIds, minSeverity, minDurationNano, maxDurationNano, sinceUnixNano, untilUnixNano } =
    filter;
  const isExact = (["service", "name", "kind", "statusCode", "type"] as const).every(
    (key) => filter[key] === undefined || filter[key] === row[key],
  );
  const { traceId: rowTraceId, severity, durationNano, unixNano } = row;
  return (
    isExact &&
    (traceId === undefined || traceId === rowTraceId) &&
    (traceIds === undefined || traceIds.has(rowTraceId ?? "")) &&
    (minSeverity === undefined || (severity !== undefined && severity >= minSeverity)) &&
    (minDurationNano === undefined || (durationNano !== undefined && durationNano >= minDurationNano)) &&
    (maxDurationNano === undefined || (durationNano !== undefined && durationNano <= maxDurationNano)) &&
    (sinceUnixNano === undefined || (unixNano !== 0n && unixNano >= sinceUnixNano)) &&
    (untilUnixNano === undefined || (unixNano !== 0n && unixNano < untilUnixNano))
  );
}
