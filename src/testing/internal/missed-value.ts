import { foundValue } from "../../cli/output/found-value.ts";
import { fieldInJson } from "../../domain/errors.ts";
import type { Condition } from "../../use-cases/filter/filter-field.ts";
import type { Filters } from "../filters.ts";
import type { Item } from "../items.ts";
import { shortly } from "./failure-text.ts";

const maxNamed = 5;

/** The fields on which an item failed: `statusCode: wanted "error", it is "STATUS_CODE_OK"`. */
export function missedValues(failed: readonly Condition<never>[], filter: object, item: Item): string[] {
  const named = failed.slice(0, maxNamed).map(({ name }) => missedValue(name, filter, item));
  return failed.length > maxNamed ? [...named, `${failed.length - maxNamed} more`] : named;
}

function missedValue(name: string, filter: object, item: Item): string {
  const [, quoted] = /^attributes\[(".*")\]$/.exec(name) ?? [];
  const field = fieldInJson(name);
  if (field === "where") return "where";
  if (field === "textContains")
    return `${field}: wanted ${shortly((filter as Filters["spans"])[field])}, it has it nowhere`;
  if (quoted === undefined) {
    return told(field, (filter as Record<string, unknown>)[field], foundValue(field, undefined, item));
  }
  const { attributes = {} } = filter as { attributes?: Record<string, unknown> };
  // The name of a condition cuts a long key.
  const key = Object.keys(attributes).find((each) => JSON.stringify(each) === quoted);
  if (key === undefined) return field;
  return told(field, attributes[key], foundValue(field, key, item));
}

function told(field: string, wanted: unknown, is: unknown): string {
  return `${field}: wanted ${shortly(wanted)}, it ${is === undefined ? "has none" : `is ${shortly(is)}`}`;
}
