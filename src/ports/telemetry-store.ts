import type { AcceptedRequest } from "../domain/accepted-request.ts";
import type { EncodedItem } from "../domain/encoded-item.ts";
import type { ObsvtyError } from "../domain/errors.ts";
import type { FilterBySignal } from "../domain/filter.ts";
import type { GroupBy, GroupedValue } from "../domain/grouping.ts";
import type { Rejection } from "../domain/rejection.ts";
import type { Signal } from "../domain/signal.ts";

export type { EncodedItem };

/** Appending a longer request may hold the thread for too long: `appendInSteps` is for it. */
export const longRequestBytes = 262_144;

/** A request of which more items are valid is refused as `too-large`, so that to keep one never takes long. */
export const maxRequestItems = 262_144;

/**
 * A bounded window of the newest telemetry, kept in the encoding it came in.
 *
 * Order and identity: every accepted item gets an *ordinal*, a whole number. Each signal counts its own ordinals
 * from 0, in order of arrival and without gaps; no ordinal is used twice, not even after `clear`. The items held
 * of a signal are always those of one range of ordinals, [`first`, `next`). `runId` identifies the counting: a
 * store that starts at 0 has a new one, a store that continues the ordinals of another has the same one.
 *
 * Limits: at any moment that a caller can observe, the store holds at most the configured number of items for
 * each signal and the configured number of bytes in all. The oldest items are evicted first, and every eviction
 * is counted. A request larger than the whole buffer is accepted and evicted at once. `pin` makes exceptions.
 *
 * Ownership: `append` copies, so that the caller may use the chunks again when it returns. `read` and
 * `readRequests` return copies that stay valid after an eviction.
 *
 * Durability: none. Items that were acknowledged are lost with the process, or when they are evicted.
 *
 * All methods are synchronous and atomic, and of `appendInSteps` the last step.
 */
export interface TelemetryStore {
  /** 1 to 32 of A-Z a-z 0-9 _ -, the same for as long as the store lives. */
  readonly runId: string;

  /**
   * Validates, indexes and keeps one encoded `Export*ServiceRequest`.
   * @param chunks the body in order, split anywhere
   * @param byteLength the sum of the chunks' lengths; over the limit of one request the outcome is `too-large`
   */
  append(signal: Signal, chunks: readonly Uint8Array[], byteLength: number): AppendOutcome;

  /**
   * The same in steps of some milliseconds at most, between which all other methods may be called, but `append` with a
   * long request. Nothing is kept before the last step, which keeps the request whole. One request at a time; the
   * chunks must not change meanwhile.
   */
  appendInSteps(
    signal: Signal,
    chunks: readonly Uint8Array[],
    byteLength: number,
  ): Generator<void, AppendOutcome>;

  /** The ordinals of the items held now. `first === next` when none is. */
  range(signal: Signal): OrdinalRange;

  /**
   * Ordinals of items in [`from`, `to`) that may match the filter: the first `limit` of them, or with
   * `order: "newest"` the last. Never decodes an item.
   *
   * May return false positives, never false negatives. A field of the filter is about the item as `otlp/decode`
   * shows it; where the index holds less than that, the store lets the item through, and the caller checks the
   * decoded item.
   *
   * One call looks at a bounded part of the window, so that it holds the thread for some milliseconds at most, however
   * much is held and whatever is asked. It may find nothing and leave a rest; the next call goes on with the rest.
   */
  find<S extends Signal>(signal: S, filter: FilterBySignal[S], window: FindWindow): Found;

  /**
   * What the index tells of the items in [`from`, `to`) that match the filter, the oldest first. Never decodes an item.
   *
   * It is exact, unlike `find`: an item of which only decoding tells whether it matches, or what group it is in, is
   * `undecided`. One call looks at a bounded part of the window, as `find` does.
   * @param groupBy at most `maxGroupBy`
   */
  columns<S extends Signal>(
    signal: S,
    filter: FilterBySignal[S],
    window: WindowRest,
    groupBy: readonly GroupBy[],
  ): Columns;

  /** A copy of one item; undefined when it is not held, or not any more. */
  read(signal: Signal, ordinal: number): EncodedItem | undefined;

  /** The same without a copy of the item's own message, whose bytes may change with the next call of any other method. */
  view(signal: Signal, ordinal: number): EncodedItem | undefined;

  /**
   * The requests that hold items from ordinal `from` on, oldest first, without gaps between them: as many as the
   * bounds allow, and at least one when there is any, however large it is.
   *
   * A request is exactly the bytes that were appended, but for two cases. Rejected items are left out: the lengths
   * of the messages around them are mended, and nothing else changes. Of a request that is held in part, or in which
   * `from` lies, or that is longer than `maxRequestBytes`, or that has more than `maxRequestItems`, a part is given:
   * its items from there on, as many as fit but one at least, and of the messages around items those that hold one of
   * them.
   */
  readRequests(signal: Signal, from: number, bounds: RequestBounds): readonly AcceptedRequest[];

  /**
   * Bytes held of the requests that hold items from ordinal `from` on. Rejected items count, and of the first
   * request items before `from` too.
   */
  bytesFrom(signal: Signal, from: number): number;

  /**
   * From now on no item of the signal from this ordinal on is evicted; `Infinity` pins none, as at first. An append
   * that would have to evict one is refused as `buffer-full`, and one of which the whole buffer could not hold every
   * item as `too-large`; nothing changes then. `clear` forgets pinned items too.
   */
  pin(signal: Signal, from: number): void;

  stats(signal: Signal): StoreStats;

  /**
   * For every service name, how many items from ordinal `from` on are held. "" stands for resources without a name; a
   * name of more than 2 KiB may be cut. One call counts a bounded part of the items, as `find` does.
   */
  services(signal: Signal, from: number): ServiceCounts;

  /** Forgets all items and returns how many. They are not counted as evictions. */
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

export interface RequestBounds {
  readonly maxBytes: number;
  readonly maxRequests: number;
  /** @default a request of any length is given whole */
  readonly maxRequestBytes?: number;
  /** @default a request of any number of items is given whole */
  readonly maxRequestItems?: number;
  /**
   * Gives memory for copies, which may hold anything before. A store may ask for less than it copies: what is cut out
   * of a request can have memory of its own.
   * @default fresh memory
   */
  readonly allocate?: (byteLength: number) => Uint8Array;
}

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

export interface Found {
  /** The ordinals ascend. */
  readonly ordinals: readonly number[];
  /**
   * The part of the window that was not looked at; `from === to` when there is none. The newest first, it is the part
   * before `to`, and its end moves to the beginning of the window; otherwise the part from `from` on.
   */
  readonly rest: WindowRest;
}

/** Columns of items, an element for each. The arrays may change with the next call of any method of the store. */
export interface Columns {
  /** An item's ordinal is this and its offset together. */
  readonly base: number;
  readonly offsets: Uint32Array;
  /** A span's start, a log's time or else its observed time, a point's time; 0 when it is not known. */
  readonly times: BigUint64Array;
  /** A span's end; 0 when it is not known. Of other signals it means nothing. */
  readonly endTimes: BigUint64Array;
  /** A span's status code. A code that does not fit into a byte is 255. Of other signals it means nothing. */
  readonly statuses: Uint8Array;
  /** The index of the item's group in `groupValues`. */
  readonly groups: Uint32Array;
  /**
   * The values of each group, in the order of `groupBy`. Two groups may have the same values. A text of more than 2 KiB
   * may be cut.
   */
  readonly groupValues: readonly (readonly GroupedValue[])[];
  /** Ordinals of items that only decoding can judge. They ascend, and are not in the columns. */
  readonly undecided: readonly number[];
  /** The part of the window that was not looked at; `from === to` when there is none. */
  readonly rest: WindowRest;
}

export interface ServiceCounts {
  readonly items: ReadonlyMap<string, number>;
  /** The ordinals that were not counted yet; `from === to` when there are none. */
  readonly rest: WindowRest;
}

export interface WindowRest {
  readonly from: number;
  readonly to: number;
}

export interface StoreStats {
  /** Items held now. */
  readonly items: number;
  /** Bytes held now for the payload of this signal, the index not included. */
  readonly bytes: number;
  /** Items evicted since start to stay within the bounds. */
  readonly evicted: number;
}
