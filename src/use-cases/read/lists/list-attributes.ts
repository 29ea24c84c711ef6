import type { FilterOf, ItemKind, ItemOf } from "../../../domain/item-kind.ts";
import { withinLimits } from "../../../domain/read-limits.ts";
import { attributeText } from "../../filter/attribute-match.ts";
import { planOf } from "../../filter/item-plan.ts";
import type { Show } from "../answer-page.ts";
import { ItemReading } from "../item-reading.ts";
import { type AnswerQuery, boundsOf } from "../page-query.ts";
import type { ReadDependencies } from "../read-dependencies.ts";
import { shortName } from "../short-name.ts";
import { showInSteps } from "../show-in-steps.ts";
import { sortInSteps } from "../sort-in-steps.ts";
import { walkOrdinals } from "../walk.ts";

export interface AttributesQuery<Filter> extends Omit<AnswerQuery, "after"> {
  /** @default matches everything */
  readonly filter?: Filter;
  /** The beginning of keys. @default all keys */
  readonly prefix?: string;
  /** Keys, at most. @default `readLimits.limit` */
  readonly limit?: number;
  /** Values of each key, at most. @default `readLimits.values` */
  readonly values?: number;
  /** How many items that match are looked at, at most: the newest. @default `readLimits.lookedAt` */
  readonly maxItems?: number;
}

export interface AttributeUse {
  readonly key: string;
  /** Items that have it, or whose scope or resource does. */
  readonly count: number;
  /** The most frequent first. */
  readonly values: readonly ValueUse[];
  /** Different values, as far as they were counted. */
  readonly distinct: number;
}

export interface ValueUse {
  readonly value: string;
  readonly count: number;
}

export interface AttributesList<Value> {
  /** Those of items first, then those of scopes, then those of resources; of each the most frequent first. */
  readonly attributes: readonly Value[];
  /** Keys that are left out. */
  readonly leftOut: number;
  readonly lookedAt: number;
  /** Whether these were all that match. */
  readonly isWhole: boolean;
  readonly cursor: string;
  readonly unreadable: number;
}

/** Of a key no more different values are counted. */
const maxValues = 1_000;
/** Bytes that all keys and values which are counted take together, at most. */
const maxTextBytes = 2 ** 24;
/** A key or a value takes this beside its text. */
const bytesOfEntry = 96;

/**
 * The keys of attributes, each with its most frequent values. The newest items stand for all.
 * @throws ObsvtyError invalid-argument that names an argument, answers-too-large, or the reason of the abort
 */
export async function listAttributes<Kind extends ItemKind, Value>(
  dependencies: ReadDependencies,
  kind: Kind,
  query: AttributesQuery<FilterOf<Kind>>,
  show: Show<AttributeUse, Value>,
): Promise<AttributesList<Value>> {
  const { share, abort, prefix = "" } = query;
  const bounds = boundsOf(query);
  const maxShown = withinLimits("values", query.values);
  const maxLookedAt = withinLimits("lookedAt", query.maxItems);
  const plan = planOf(kind, query.filter);
  const { signal, filter } = plan;
  const reading = new ItemReading<Kind>(dependencies, plan);
  const counts = new AttributeCounts(prefix);
  let lookedAt = 0;
  let isWhole = true;
  const growTo = share.growingPart();
  const { first: from, next: to } = dependencies.store.range(signal);
  await walkOrdinals(dependencies, { signal, filter, from, to, order: "newest", abort }, (ordinal) => {
    const item = reading.read(ordinal);
    if (item === undefined || !reading.matches(item)) return true;
    if (lookedAt === maxLookedAt) {
      isWhole = false;
      return false;
    }
    lookedAt += 1;
    counts.add(item);
    growTo(counts.bytes);
    return true;
  });
  const uses = await sortInSteps(dependencies, counts.uses(), byUse, abort);
  const shown = await showInSteps(dependencies, uses, bounds, abort, ([key, use]) =>
    show(useOf(key, use, maxShown)),
  );
  return {
    attributes: shown,
    leftOut: uses.length - shown.length + counts.givenUp,
    lookedAt,
    isWhole,
    cursor: dependencies.cursors.encode({ [signal]: to }),
    unreadable: reading.unreadable,
  };
}

/**
 * What holds an attribute, by the place of its key in the list: what an SDK says of itself is the same on every item,
 * and what people look for is most often an attribute of items.
 */
const places = { item: 0, scope: 1, resource: 2, sdk: 3 } as const;

type Place = (typeof places)[keyof typeof places];

interface KeyCounts {
  /** The first of the places where it occurs. */
  place: Place;
  count: number;
  /** The last item that was counted. */
  ordinal: number;
  readonly values: Map<string, number>;
}

class AttributeCounts {
  readonly #prefix: string;
  readonly #keys = new Map<string, KeyCounts>();
  bytes = 0;
  /** Keys that were not counted, each as often as it occurred. */
  givenUp = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  add({ ordinal, attributes, scope, resource }: ItemOf<ItemKind>): void {
    this.#addOf(attributes, places.item, ordinal);
    this.#addOf(scope.attributes, places.scope, ordinal);
    this.#addOf(resource, places.resource, ordinal);
  }

  #addOf(attributes: ItemOf<ItemKind>["attributes"], holder: Place, ordinal: number): void {
    for (const key in attributes) {
      const value = attributes[key];
      if (value === undefined || !key.startsWith(this.#prefix)) continue;
      const counts = this.#keys.get(shortName(key)) ?? this.#begin(shortName(key));
      if (counts === undefined) continue;
      if (counts.ordinal !== ordinal) counts.count += 1;
      counts.ordinal = ordinal;
      const place = holder === places.resource && key.startsWith("telemetry.") ? places.sdk : holder;
      if (place < counts.place) counts.place = place;
      this.#count(counts.values, shortName(attributeText(value)));
    }
  }

  uses(): [string, KeyCounts][] {
    return [...this.#keys];
  }

  #begin(key: string): KeyCounts | undefined {
    if (!this.#hasRoom(key)) {
      this.givenUp += 1;
      return undefined;
    }
    const counts: KeyCounts = { place: places.sdk, count: 0, ordinal: -1, values: new Map() };
    this.#keys.set(key, counts);
    return counts;
  }

  #count(values: Map<string, number>, value: string): void {
    const count = values.get(value);
    if (count !== undefined) values.set(value, count + 1);
    else if (values.size < maxValues && this.#hasRoom(value)) values.set(value, 1);
  }

  #hasRoom(text: string): boolean {
    const bytes = this.bytes + bytesOfEntry + text.length * 2;
    if (bytes > maxTextBytes) return false;
    this.bytes = bytes;
    return true;
  }
}

/** By place, then the most frequent keys first. */
function byUse([a, ofA]: [string, KeyCounts], [b, ofB]: [string, KeyCounts]): number {
  return ofA.place - ofB.place || ofB.count - ofA.count || (a < b ? -1 : 1);
}

function useOf(key: string, { count, values }: KeyCounts, maxShown: number): AttributeUse {
  const byCount = [...values].sort(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1));
  return {
    key,
    count,
    values: byCount.slice(0, maxShown).map(([value, valueCount]) => ({ value, count: valueCount })),
    distinct: values.size,
  };
}
