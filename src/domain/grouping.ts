import type { ItemKind } from "./item-kind.ts";
import type { AttributeValue } from "./telemetry.ts";

/** The fields by which items of each kind can be grouped, beside attributes. */
export const groupFields = {
  spans: ["service", "name", "kind", "status"],
  logs: ["service", "severity"],
  metrics: ["service", "name", "type"],
} as const satisfies Record<ItemKind, readonly string[]>;

export type GroupField = (typeof groupFields)[ItemKind][number];

/** What the items of one group have in common: a field, or an attribute of the item, else its scope, else its resource. */
export type GroupBy = { readonly field: GroupField } | { readonly attribute: string };

/** How many of them there may be. */
export const maxGroupBy = 4;

/** The value of a field or an attribute: enums are OTLP's numbers, an attribute that is not there is undefined. */
export type GroupedValue = AttributeValue | undefined;
