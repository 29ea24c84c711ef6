import { randomBytes } from "node:crypto";
import type { EncodedItem } from "../../src/domain/encoded-item.ts";
import { ObsvtyError } from "../../src/domain/errors.ts";
import { type Signal, signals } from "../../src/domain/signal.ts";
import type {
  AppendOutcome,
  CriteriaBySignal,
  FindWindow,
  Found,
  ItemCriteria,
  OrdinalRange,
  ServiceCounts,
  StoreStats,
  TelemetryStore,
} from "../../src/ports/telemetry-store.ts";
import { type IndexRow, parseRequest } from "./fake-store-request.ts";

interface HeldItem {
  readonly encoded: EncodedItem;
  readonly row: IndexRow;
  readonly byteLength: number;
  /** Position among the items of all signals. */
  readonly arrival: number;
}

/** The port `TelemetryStore` as plainly as can be: arrays of decoded rows. For tests alone. */
export class FakeStore implements TelemetryStore {
  readonly runId = randomBytes(6).toString("base64url");
  readonly #limits: { readonly maxItems: number; readonly maxBytes: number };
  readonly #held: Record<Signal, HeldItem[]> = { traces: [], logs: [], metrics: [], profiles: [] };
  readonly #next: Record<Signal, number> = { traces: 0, logs: 0, metrics: 0, profiles: 0 };
  readonly #evicted: Record<Signal, number> = { traces: 0, logs: 0, metrics: 0, profiles: 0 };
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
    for (const { row, ...parts } of parsed.items) {
      const encoded = { ordinal: this.#next[signal]++, ...parts };
      const byteLength = [parts.item, parts.resource, parts.scope, parts.metric ?? new Uint8Array()].reduce(
        (sum, part) => sum + part.byteLength,
        0,
      );
      this.#held[signal].push({ encoded, row, byteLength, arrival: this.#arrivals++ });
    }
    this.#evict();
    return {
      kind: "kept",
      accepted: parsed.items.length,
      rejected: parsed.rejected,
      rejections: parsed.rejections,
      firstOrdinal,
    };
  }

  range(signal: Signal): OrdinalRange {
    const next = this.#next[signal];
    return { first: next - this.#held[signal].length, next };
  }

  find<S extends Signal>(signal: S, criteria: CriteriaBySignal[S], window: FindWindow): Found {
    const { order, limit } = window;
    const range = this.range(signal);
    const isForward = order === "oldest";
    let from = Math.max(window.from, range.first);
    let to = Math.max(from, Math.min(window.to, range.next));
    const ordinals: number[] = [];
    for (let looked = 0; from < to && looked < this.#maxRows && ordinals.length < limit; looked++) {
      const ordinal = isForward ? from++ : --to;
      const held = this.#held[signal][ordinal - range.first];
      if (held !== undefined && matches(held.row, criteria)) ordinals.push(ordinal);
    }
    return { ordinals: isForward ? ordinals : ordinals.reverse(), rest: { from, to } };
  }

  read(signal: Signal, ordinal: number): EncodedItem | undefined {
    const held = this.#held[signal].find(({ encoded }) => encoded.ordinal === ordinal);
    return structuredClone(held?.encoded);
  }

  stats(signal: Signal): StoreStats {
    const held = this.#held[signal];
    const bytes = held.reduce((sum, { byteLength }) => sum + byteLength, 0);
    return { items: held.length, bytes, evicted: this.#evicted[signal] };
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
    }
    return cleared;
  }

  #evict(): void {
    for (const signal of signals) {
      while (this.#held[signal].length > this.#limits.maxItems) {
        this.#evictOldest(signal);
      }
    }
    while (signals.reduce((sum, signal) => sum + this.stats(signal).bytes, 0) > this.#limits.maxBytes) {
      const oldest = signals
        .filter((signal) => this.#held[signal].length > 0)
        .sort((a, b) => this.#held[a][0]!.arrival - this.#held[b][0]!.arrival);
      this.#evictOldest(oldest[0]!);
    }
  }

  #evictOldest(signal: Signal): void {
    this.#held[signal].shift();
    this.#evicted[signal] += 1;
  }
}

function matches(row: IndexRow, criteria: ItemCriteria): boolean {
  const { traceId, minSeverity, minDurationNano, maxDurationNano, sinceUnixNano, untilUnixNano } = criteria;
  const isExact = (["service", "name", "kind", "statusCode", "metricType"] as const).every(
    (key) => criteria[key] === undefined || criteria[key] === row[key],
  );
  const { traceId: rowTraceId, severity, durationNano, unixNano } = row;
  return (
    isExact &&
    (traceId === undefined || (rowTraceId !== undefined && Buffer.compare(traceId, rowTraceId) === 0)) &&
    (minSeverity === undefined || (severity !== undefined && severity >= minSeverity)) &&
    (minDurationNano === undefined || (durationNano !== undefined && durationNano >= minDurationNano)) &&
    (maxDurationNano === undefined || (durationNano !== undefined && durationNano <= maxDurationNano)) &&
    (sinceUnixNano === undefined || unixNano >= sinceUnixNano) &&
    (untilUnixNano === undefined || unixNano < untilUnixNano)
  );
}
