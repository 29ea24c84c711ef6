/** One field of a filter, with its meaning for every use of a filter. */
export interface FilterField<Item, Wanted, Criteria> {
  /** As callers of the API spell it. */
  readonly name: string;
  /**
   * What the index of the store can narrow by: criteria that every item meets which the field lets through. Absent
   * when the index knows nothing of the field.
   */
  readonly criteria?: (wanted: Wanted) => Criteria;
  readonly isMet: (item: Item, wanted: Wanted) => boolean;
  /** A field of several conditions, taken apart, so that a miss can name the one that failed. */
  readonly parts?: (wanted: Wanted) => readonly FilterPart<Wanted>[];
}

export interface FilterPart<Wanted> {
  readonly name: string;
  readonly wanted: Wanted;
}

/** The definition of every field of a filter. */
export type FilterFields<Item, Filter, Criteria> = {
  readonly [Field in keyof Filter]-?: FilterField<Item, NonNullable<Filter[Field]>, Criteria>;
};

/** A condition of one filter that an item meets or fails, by the name that callers know it by. */
export interface Condition<Item> {
  readonly name: string;
  readonly isMet: (item: Item) => boolean;
}

/** What a filter means, derived from the definitions of its fields. */
export interface FilterMeaning<Item, Criteria> {
  /** For the index of the store. It may find items that do not match, and misses none that do. */
  readonly criteria: Criteria;
  /** Whether a decoded item matches. Undefined when every item does. */
  readonly matches: ((item: Item) => boolean) | undefined;
  /** The filter taken apart, to say on which conditions an item fails. An item matches when it meets all. */
  readonly conditions: readonly Condition<Item>[];
}

export function meaningOf<Item, Filter extends object, Criteria extends object>(
  fields: FilterFields<Item, Filter, Criteria>,
  filter: Filter,
): FilterMeaning<Item, Criteria> {
  const set = setFields(fields, filter);
  return {
    criteria: Object.assign({}, ...set.map(({ field, wanted }) => field.criteria?.(wanted))),
    matches:
      set.length === 0 ? undefined : (item) => set.every(({ field, wanted }) => field.isMet(item, wanted)),
    conditions: set.flatMap(({ field, wanted }) =>
      (field.parts?.(wanted) ?? [{ name: field.name, wanted }]).map((part) => ({
        name: part.name,
        isMet: (item: Item) => field.isMet(item, part.wanted),
      })),
    ),
  };
}

/** The fields that a filter sets, each with the value that it sets. */
function setFields<Item, Filter extends object, Criteria>(
  fields: FilterFields<Item, Filter, Criteria>,
  filter: Filter,
): { field: FilterField<Item, unknown, Criteria>; wanted: unknown }[] {
  return Object.entries(fields).flatMap(([key, field]) => {
    const wanted: unknown = filter[key as keyof Filter];
    // TypeScript does not see that a field and a value of the same key belong together.
    return wanted === undefined ? [] : [{ field: field as FilterField<Item, unknown, Criteria>, wanted }];
  });
}
