import { AnyValueSchema } from "../../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import type { GroupBy, GroupedValue } from "../../../domain/grouping.ts";
import { metricTypes } from "../../../domain/telemetry.ts";
import { fromAnyValue } from "../../../otlp/decode/any-value.ts";
import { readMessage } from "../../../otlp/decode/read-message.ts";
import type { Scanner } from "../../../otlp/scan/scanner.ts";
import type { Columns, WindowRest } from "../../../ports/telemetry-store.ts";
import * as layout from "./index-layout.ts";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const toUtf8 = new TextEncoder();

/** A longer service or name is cut. */
const MAX_TEXT_BYTES = 2_048;

/** The texts of a group: service, name, then attributes. */
const SERVICE_TEXT = 0;
const NAME_TEXT = 1;
const FIRST_ATTRIBUTE_TEXT = 2;

/** Tells the index what to group by, and reads the columns that it has written. */
export class ColumnReader {
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #longs: BigUint64Array;
  readonly #at: number;

  /** @param at address of the area of COLUMNS_* */
  constructor({ bytes, words }: Scanner, longs: BigUint64Array, at: number) {
    this.#bytes = bytes;
    this.#words = words;
    this.#longs = longs;
    this.#at = at;
  }

  /** @param undecided UNDECIDED_* bits of the filter */
  ask(groupBy: readonly GroupBy[], undecided: number): void {
    let flags = undecided;
    let attributes = 0;
    let keyAt = 0;
    for (const by of groupBy) {
      if ("field" in by) {
        flags |= groupFlags[by.field];
        continue;
      }
      const key = toUtf8.encode(by.attribute);
      // Bytes that are not UTF-8 are shown as U+FFFD, so that the index cannot tell which bytes a key with it was.
      if (key.byteLength > layout.MAX_GROUP_KEY_BYTES || by.attribute.includes("\ufffd")) {
        flags |= layout.UNDECIDED_ALL;
        continue;
      }
      const entry = (this.#at + layout.COLUMNS_ATTRIBUTES) / 4 + attributes * 2;
      this.#bytes.set(key, this.#at + layout.COLUMNS_ATTRIBUTES_KEYS + keyAt);
      this.#words[entry] = keyAt;
      this.#words[entry + 1] = key.byteLength;
      keyAt += key.byteLength;
      attributes += 1;
    }
    this.#words[(this.#at + layout.COLUMNS_FLAGS) / 4] = flags;
    this.#words[(this.#at + layout.COLUMNS_ATTRIBUTES_COUNT) / 4] = attributes;
  }

  /**
   * Of a call that began with the item `from`.
   * @param lookedTo the ordinal up to which the index has looked
   */
  read(groupBy: readonly GroupBy[], count: number, { from, to }: WindowRest, lookedTo: number): Columns {
    const undecided = this.#wordsAt(layout.COLUMNS_UNDECIDED, this.#word(layout.COLUMNS_UNDECIDED_COUNT));
    return {
      base: from,
      offsets: this.#wordsAt(layout.COLUMNS_OFFSETS, count),
      times: this.#longsAt(layout.COLUMNS_TIMES, count),
      endTimes: this.#longsAt(layout.COLUMNS_END_TIMES, count),
      statuses: this.#bytes.subarray(
        this.#at + layout.COLUMNS_STATUSES,
        this.#at + layout.COLUMNS_STATUSES + count,
      ),
      groups: this.#wordsAt(layout.COLUMNS_GROUP_OF, count),
      groupValues: Array.from({ length: this.#word(layout.COLUMNS_GROUPS_COUNT) }, (_, i) =>
        this.#valuesOf(groupBy, this.#at + layout.COLUMNS_GROUPS + i * layout.GROUP_BYTES),
      ),
      undecided: Array.from(undecided, (offset) => from + offset),
      rest: { from: lookedTo, to },
    };
  }

  /** The columns when nothing can match. */
  none(to: number): Columns {
    this.#words[(this.#at + layout.COLUMNS_UNDECIDED_COUNT) / 4] = 0;
    this.#words[(this.#at + layout.COLUMNS_GROUPS_COUNT) / 4] = 0;
    return this.read([], 0, { from: to, to }, to);
  }

  #valuesOf(groupBy: readonly GroupBy[], group: number): GroupedValue[] {
    let attributes = FIRST_ATTRIBUTE_TEXT;
    return groupBy.map((by): GroupedValue => {
      if ("attribute" in by) return this.#valueOf(group, attributes++);
      switch (by.field) {
        case "service":
          return this.#text(group, SERVICE_TEXT, MAX_TEXT_BYTES);
        case "name":
          return this.#text(group, NAME_TEXT, MAX_TEXT_BYTES);
        case "status":
          return this.#bytes[group + layout.GROUP_STATUS];
        case "type":
          // METRIC_* count from 1 in the order of `metricTypes`.
          return metricTypes[(this.#bytes[group + layout.GROUP_CATEGORY] ?? 0) - 1];
        default:
          return this.#bytes[group + layout.GROUP_CATEGORY];
      }
    });
  }

  /** The attribute whose AnyValue is this text of the group. */
  #valueOf(group: number, index: number): GroupedValue {
    const { at, length } = this.#place(group, index);
    if (at === 0) return undefined;
    return fromAnyValue(readMessage(AnyValueSchema, this.#bytes.subarray(at, at + length)));
  }

  #text(group: number, index: number, maxBytes: number): string {
    const { at, length } = this.#place(group, index);
    return utf8.decode(this.#bytes.subarray(at, at + Math.min(length, maxBytes)));
  }

  #place(group: number, index: number): { readonly at: number; readonly length: number } {
    const word = (group + layout.GROUP_TEXTS) / 4 + index * 2;
    return { at: this.#words[word] ?? 0, length: this.#words[word + 1] ?? 0 };
  }

  #word(offset: number): number {
    return this.#words[(this.#at + offset) / 4] ?? 0;
  }

  #wordsAt(offset: number, count: number): Uint32Array {
    const word = (this.#at + offset) / 4;
    return this.#words.subarray(word, word + count);
  }

  #longsAt(offset: number, count: number): BigUint64Array {
    const long = (this.#at + offset) / 8;
    return this.#longs.subarray(long, long + count);
  }
}

/** The GROUP_BY_* bit of each field, with the UNDECIDED_* bit of rows that do not tell it. */
const groupFlags = {
  service: layout.GROUP_BY_SERVICE,
  name: layout.GROUP_BY_NAME,
  kind: layout.GROUP_BY_CATEGORY | layout.UNDECIDED_CATEGORY,
  severity: layout.GROUP_BY_CATEGORY | layout.UNDECIDED_CATEGORY,
  type: layout.GROUP_BY_CATEGORY | layout.UNDECIDED_CATEGORY,
  status: layout.GROUP_BY_STATUS | layout.UNDECIDED_STATUS,
} as const;
