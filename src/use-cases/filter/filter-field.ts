/** One field of a filter, with its meaning for every use of a filter. */
export interface FilterField<Item, Wanted> {
  /** The name as callers of the API spell it. */
  readonly name: string;
  readonly isMet: (item: Item, wanted: Wanted) => boolean;
  /** A field of several conditions, taken apart, so that a miss can name the one that failed. */
  readonly parts?: (wanted: Wanted) => readonly FilterPart<Wanted>[];
}

export interface FilterPart<Wanted> {
  readonly name: string;
  readonly wanted: Wanted;
}

/** The definition of every field of a filter. */
export type FilterFields<Item, Filter> = {
  readonly [Field in keyof Filter]-?: FilterField<Item, NonNullable<Filter[Field]>>;
};

/** A condition of one filter that an item meets or fails, by the name that callers know it by. */
export interface Condition<Item> {
  readonly name: string;
  readonly isMet: (item: Item) => boolean;
}

/** What a filter means, derived from the definitions of its fields. */
export interface FilterMeaning<Item> {
  /** Whether a decoded item matches. Undefined when every item does. */
  readonly matches: ((item: Item) => boolean) | undefined;
  /** The filter taken apart, to say on which conditions an item fails. An item matches when it meets all. */
  readonly conditions: readonly Condition<Item>[];
}

/** @param also conditions beside the filter; no index narrows by them */
export function meaningOf<Item, Filter extends object>(
  fields: FilterFields<Item, Filter>,
  filter: Filter,
  also: readonly Condition<Item>[],
): FilterMeaning<Item> {
  const set = setFields(fields, filter);
  const ofFilter = set.flatMap(({ field, wanted }) =>
    (field.parts?.(wanted) ?? [{ name: field.name, wanted }]).map((part) => ({
      name: part.name,
      isMet: (item: Item) => field.isMet(item, part.wanted),
    })),
  );
  return {
    matches:
      set.length + also.length === 0
        ? undefined
        : (item) =>
            set.every(({ field, wanted }) => field.isMet(item, wanted)) &&
            also.every(({ isMet }) => isMet(item)),
    conditions: [...ofFilter, ...also],
  };
}

/** Whether a field of a filter asks for anything. An empty map, as the API has it, asks for no attribute. */
export function isSet(wanted: unknown): boolean {
  return wanted !== undefined && !(wanted instanceof Map && wanted.size === 0);
}

/** The fields that a filter sets, each with the value that it sets. */
function setFields<Item, Filter extends object>(
  fields: FilterFields<Item, Filter>,
  filter: Filter,
): { field: FilterField<Item, unknown>; wanted: unknown }[] {
  return Object.entries(fields).flatMap(([key, field]) => {
    const wanted: unknown = filter[key as keyof Filter];
    // TypeScript does not see that a field and a value of the same key belong together.
    return !isSet(wanted) ? [] : [{ field: field as FilterField<Item, unknown>, wanted }];
  });
}
