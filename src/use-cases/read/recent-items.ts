import { byteLengthOf, type EncodedItem } from "../../domain/encoded-item.ts";
import type { Signal } from "../../domain/signal.ts";
import type { Shown } from "./answer-page.ts";

/** The bound of all decoded items, by the bytes that they were sent in: decoded they may take 20 times as much. */
const maxDecodedBytes = 2 ** 19;
/** The bound of all items as they are shown. A call whose reader is slow finds those that it shows late. */
const maxShownBytes = 2 ** 22;

/** What a call shares. */
export interface SharingOptions {
  readonly signal: Signal;
  /** Items before this ordinal are not kept: a call that reads all that is held would displace the newest. */
  readonly from: number;
  /** Names the way in which the call shows items. Absent: only decoded items are shared. */
  readonly shownAs?: string | undefined;
}

/**
 * Keeps what was made of items that were read lately, so that each is decoded once, and shown once in each encoding,
 * however many calls follow what arrives.
 */
export class RecentItems {
  readonly #decoded = new RecentValues<unknown>(maxDecodedBytes);
  readonly #shown = new RecentValues<Shown<unknown>>(maxShownBytes);

  clear(): void {
    this.#decoded.clear();
    this.#shown.clear();
  }

  share({ signal, from, shownAs }: SharingOptions): SharedItems {
    const decoded = this.#decoded.of(signal);
    const shown = shownAs === undefined ? undefined : this.#shown.of(`${signal} ${shownAs}`);
    return {
      decoded: (ordinal) => decoded.get(ordinal),
      addDecoded: (encoded, item) => {
        const { ordinal } = encoded;
        if (ordinal >= from) decoded.add(ordinal, item, byteLengthOf(encoded));
      },
      shown: (ordinal) => shown?.get(ordinal),
      addShown: (ordinal, value) => {
        if (ordinal >= from) shown?.add(ordinal, value, value.byteLength);
      },
    };
  }
}

/** The items of one signal, and what they are shown as, as far as they are kept. */
export interface SharedItems {
  decoded(ordinal: number): unknown;
  addDecoded(encoded: EncodedItem, item: unknown): void;
  shown(ordinal: number): Shown<unknown> | undefined;
  addShown(ordinal: number, shown: Shown<unknown>): void;
}

type Generation<Value> = Map<string, Map<number, Value>>;

/** Keeps the newest values, in two generations: the older one goes when the newer one is full. */
class RecentValues<Value> {
  readonly #maxBytes: number;
  #newer: Generation<Value> = new Map();
  #older: Generation<Value> = new Map();
  #newerBytes = 0;

  /** @param maxBytes of both generations */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  clear(): void {
    this.#newer = new Map();
    this.#older = new Map();
    this.#newerBytes = 0;
  }

  /** The values of one kind, by ordinal. */
  of(kind: string) {
    return {
      get: (ordinal: number): Value | undefined =>
        this.#newer.get(kind)?.get(ordinal) ?? this.#older.get(kind)?.get(ordinal),
      add: (ordinal: number, value: Value, bytes: number): void => {
        if (bytes > this.#maxBytes / 2) return;
        if (this.#newerBytes + bytes > this.#maxBytes / 2) {
          this.#older = this.#newer;
          this.#newer = new Map();
          this.#newerBytes = 0;
        }
        const ofKind = this.#newer.get(kind) ?? new Map<number, Value>();
        ofKind.set(ordinal, value);
        this.#newer.set(kind, ofKind);
        this.#newerBytes += bytes;
      },
    };
  }
}
