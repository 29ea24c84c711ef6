import type { EncodedItem } from "../domain/encoded-item.ts";
import type { ObsvtyError } from "../domain/errors.ts";
import type { Rejection } from "../domain/rejection.ts";
import type { Signal } from "../domain/signal.ts";
import type { MetricType } from "../domain/telemetry.ts";

export type { EncodedItem };

/**
 * A bounded window of the newest telemetry, kept in the encoding it came in.
 *
 * Order and identity: every accepted item gets an *ordinal*, a whole number counted for each signal on
 * its own from 0 without gaps, in order of arrival, never used twice, not even after `clear`. What is
 * held of a signal is always one run of ordinals [`first`, `next`).
 *
 * `runId` names the run of these ordinals: two stores that count from 0 on their own have different ones, a
 * store that goes on counting where another stopped has that one's.
 *
 * Limits: no more than the configured items a signal and bytes in all are held at any moment that a
 * caller can observe. The oldest go first. A request larger than the whole buffer is accepted and
 * evicted at once. Every eviction is counted.
 *
 * Ownership: `append` copies; the chunks are the caller's again when it returns. `read` returns copies
 * that stay valid whatever is evicted later.
 *
 * Durability: none. What was acknowledged lives as long as the process and the bounds allow.
 *
 * All methods are synchronous and atomic: nothing else happens between two lines of one call.
 */
export interface TelemetryStore {
  /** 1 to 32 of A-Z a-z 0-9 _ -, the same for as long as the store lives. */
  readonly runId: string;

  /**
   * Validates, indexes and keeps one encoded `Export*ServiceRequest`.
   * @param chunks the body in order, split anywhere
   * @param byteLength the sum of the chunks' lengths; over the limit of one request it is `too-large`
   */
  append(signal: Signal, chunks: readonly Uint8Array[], byteLength: number): AppendOutcome;

  /** The ordinals held now. `first === next` when nothing is. */
  range(signal: Signal): OrdinalRange;

  /**
   * The ordinals, ascending, of items in [`from`, `to`) that meet every given criterion. With
   * `order: "newest"` it looks from the end and returns the last `limit` of them. Never decodes an item.
   * Cost: linear in the rows looked at, a few nanoseconds a row.
   */
  find<S extends Signal>(signal: S, criteria: CriteriaBySignal[S], window: FindWindow): number[];

  /** A copy of one item, or undefined when it is not (or no longer) held. */
  read(signal: Signal, ordinal: number): EncodedItem | undefined;

  stats(signal: Signal): StoreStats;

  /** Every distinct service name held, with how many items of each signal it has. "" for none. */
  services(): Map<string, Record<Signal, number>>;

  /** Forgets all items. Returns how many. Not counted as evictions. */
  clear(): number;
}

export type AppendOutcome =
  | {
      readonly kind: "kept";
      /** Items accepted, whether or not the bounds let them stay. */
      readonly accepted: number;
      readonly rejected: number;
      /** One for each kind of fault. Their counts add up to `rejected`. */
      readonly rejections: readonly Rejection[];
      /** Ordinal of the first accepted item of this request. */
      readonly firstOrdinal: number;
    }
  | { readonly kind: "refused"; readonly error: ObsvtyError };

export interface OrdinalRange {
  readonly first: number;
  readonly next: number;
}

export interface FindWindow {
  readonly from: number;
  readonly to: number;
  readonly order: "oldest" | "newest";
  readonly limit: number;
}

/**
 * What the index narrows a search by, without decoding an item. An item must meet every criterion given.
 *
 * May return false positives, never false negatives: what a criterion says of an item is said of the item as
 * `otlp/decode` shows it, and a store whose index knows less than that lets the item through. So the caller
 * checks the decoded items, and the index only spares it most of them.
 */
export interface CommonCriteria {
  /** `service.name` of the resource; "" means none. */
  readonly service?: string;
  /** The item's own time, inclusive: a span's start, a log's time or else its observed time, a point's time. */
  readonly sinceUnixNano?: bigint;
  /** Exclusive. */
  readonly untilUnixNano?: bigint;
  /**
   * Attributes, by key, whose value printed as text is this one, each on the item, its scope or its resource.
   * Cost: linear in the bytes of the items looked at, about a nanosecond a byte.
   */
  readonly attributes?: ReadonlyMap<string, string>;
}

export interface SpanCriteria extends CommonCriteria {
  /** 16 bytes. */
  readonly traceId?: Uint8Array;
  readonly name?: string;
  /** OTLP's SpanKind. */
  readonly kind?: number;
  /** OTLP's Status.StatusCode. */
  readonly statusCode?: number;
  /** End less start, in nanoseconds. A span that ends before it starts has a duration of 0. */
  readonly minDurationNano?: bigint;
  readonly maxDurationNano?: bigint;
}

export interface LogCriteria extends CommonCriteria {
  /** 16 bytes. */
  readonly traceId?: Uint8Array;
  /** OTLP's SeverityNumber, at least. Numbers of an int32 are compared, so -1 is less than 0. */
  readonly minSeverity?: number;
}

export interface PointCriteria extends CommonCriteria {
  /** Of the metric. */
  readonly name?: string;
  readonly metricType?: MetricType;
}

/** The criteria that items of each signal can be narrowed by. */
export interface CriteriaBySignal {
  readonly traces: SpanCriteria;
  readonly logs: LogCriteria;
  readonly metrics: PointCriteria;
  readonly profiles: CommonCriteria;
}

/** The criteria of any signal: what an index has to understand in all. */
export type ItemCriteria = SpanCriteria & LogCriteria & PointCriteria;

export interface StoreStats {
  /** Items held now. */
  readonly items: number;
  /** Bytes held now for the payload of this signal, the index not included. */
  readonly bytes: number;
  /** Items evicted since start to stay within the bounds. */
  readonly evicted: number;
}
