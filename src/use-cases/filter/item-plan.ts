import type { EncodedItem } from "../../domain/encoded-item.ts";
import {
  type FilterOf,
  type ItemKind,
  type ItemOf,
  itemSignals,
  type SignalOf,
} from "../../domain/item-kind.ts";
import { decodeLogRecord, decodeMetricPoint, decodeSpan } from "../../otlp/decode/decode-item.ts";
import { type Condition, type FilterFields, type FilterMeaning, isSet, meaningOf } from "./filter-field.ts";
import { itemTimes, logFields, metricFields, spanFields } from "./filter-fields.ts";
import { seriesKeys } from "./series-key.ts";

/** What reading has to know of one kind of items. */
interface KindTraits<Kind extends ItemKind> {
  readonly decode: (encoded: EncodedItem) => ItemOf<Kind>;
  readonly fields: FilterFields<ItemOf<Kind>, FilterOf<Kind>>;
  /** The item's own time, by which `since` and `until` take it. */
  readonly timeOf: (item: ItemOf<Kind>) => bigint;
  /** Makes, for one search, the same text for items of one series, and for no others. Undefined without series. */
  readonly seriesKeys: (() => (item: ItemOf<Kind>) => string) | undefined;
}

/** One row a kind: adding a kind of items to search, tail and wait for is adding a row. */
const kindTraits: { readonly [Kind in ItemKind]: KindTraits<Kind> } = {
  spans: { decode: decodeSpan, fields: spanFields, timeOf: itemTimes.spans, seriesKeys: undefined },
  logs: { decode: decodeLogRecord, fields: logFields, timeOf: itemTimes.logs, seriesKeys: undefined },
  metrics: { decode: decodeMetricPoint, fields: metricFields, timeOf: itemTimes.metrics, seriesKeys },
};

/** How to find and read the items of one kind that match a filter. */
export type ItemPlan<Kind extends ItemKind> = FilterMeaning<ItemOf<Kind>> &
  Pick<KindTraits<Kind>, "decode" | "timeOf" | "seriesKeys"> & {
    readonly signal: SignalOf<Kind>;
    /**
     * The filter that the index of the store narrows by. The index may find items that do not match, and misses none
     * that do.
     */
    readonly filter: FilterOf<Kind>;
  };

/**
 * @param filter every item matches when it is absent
 * @param also conditions that an item must meet too
 */
export function planOf<Kind extends ItemKind>(
  kind: Kind,
  filter: FilterOf<Kind> = {} as FilterOf<Kind>,
  also: readonly Condition<ItemOf<Kind>>[] = [],
): ItemPlan<Kind> {
  const { fields, decode, timeOf, seriesKeys } = kindTraits[kind];
  return {
    signal: itemSignals[kind],
    decode,
    timeOf,
    seriesKeys,
    filter,
    ...meaningOf(fields, filter, also),
  };
}

/** Whether every item matches a filter. */
export function isForAll(filter: object): boolean {
  return !Object.values(filter).some(isSet);
}
