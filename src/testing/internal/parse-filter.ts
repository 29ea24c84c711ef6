import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { checkRequest } from "../../adapters/inbound/api/request-json.ts";
import { filterOf } from "../../adapters/inbound/query-api/item-messages.ts";
import { filterSchemas } from "../../api/item-schemas.ts";
import { invalidArgument } from "../../domain/errors.ts";
import type { FilterOf, ItemKind, ItemOf } from "../../domain/item-kind.ts";
import type { MetricPoint } from "../../domain/telemetry.ts";
import { attributeText } from "../../use-cases/filter/attribute-match.ts";
import type { Condition } from "../../use-cases/filter/filter-field.ts";
import type { Filters } from "../filters.ts";
import type { Items } from "../items.ts";
import { asTypeError } from "./as-type-error.ts";
import type { ShowItem } from "./item-json.ts";

/** A filter as the use cases take it. */
export interface ParsedFilter<Kind extends ItemKind> {
  readonly filter: FilterOf<Kind>;
  /** What the API's filter has no fields for. */
  readonly also: readonly Condition<ItemOf<Kind>>[];
}

/** @throws TypeError that names the field which makes no sense */
export function parseFilter<Kind extends ItemKind>(
  kind: Kind,
  given: Filters[Kind],
  show: ShowItem,
): ParsedFilter<Kind> {
  const fields: Record<string, JsonValue> = {};
  const also: Condition<ItemOf<Kind>>[] = [];
  return asTypeError(() => {
    // Of a number or an empty list no field would be read, so that it would match everything.
    if (typeof given !== "object" || given === null || Array.isArray(given)) {
      throw invalidArgument("filter", "must be an object");
    }
    for (const [field, value] of Object.entries(given)) {
      if (value === undefined) continue;
      const condition = conditionOf<Kind>(kind, field, value, show);
      if (condition !== undefined) also.push(condition);
      else fields[field] = jsonOf(kind, field, value);
    }
    const schema = filterSchemas[kind];
    checkRequest(schema, fields, "filter");
    const message = fromJson(schema, fields);
    return {
      filter: filterOf<Kind>(kind, message as unknown as Parameters<typeof filterOf<Kind>>[1], "filter"),
      also,
    };
  });
}

/** Undefined when the field is one of the API's filter. */
function conditionOf<Kind extends ItemKind>(
  kind: Kind,
  name: string,
  wanted: unknown,
  show: ShowItem,
): Condition<ItemOf<Kind>> | undefined {
  if (name === "where") {
    if (typeof wanted !== "function") throw invalidArgument("filter.where", "must be a function");
    const where = wanted as (item: Items[Kind]) => boolean;
    return { name, isMet: (item) => atOnce(where(show(kind, item))) };
  }
  if (name === "name" && wanted instanceof RegExp && kind !== "logs") {
    // With these flags a pattern remembers where it was.
    const pattern = new RegExp(wanted.source, wanted.flags.replace(/[gy]/g, ""));
    return { name, isMet: (item) => pattern.test((item as { readonly name: string }).name) };
  }
  if (name === "value" && kind === "metrics") {
    const isNumber = typeof wanted === "number" || typeof wanted === "bigint";
    if (!isNumber) throw invalidArgument("filter.value", "must be a number or a bigint");
    return { name, isMet: (item) => hasValue(item as MetricPoint, wanted) };
  }
  return undefined;
}

/** A promise would be true, whatever it resolves to. */
function atOnce(answer: unknown): boolean {
  if (answer instanceof Promise) throw new TypeError("filter.where: must answer at once, not with a promise");
  return Boolean(answer);
}

function hasValue({ value }: MetricPoint, wanted: number | bigint): boolean {
  if (value.kind !== "int" && value.kind !== "double") return false;
  return typeof value.value === typeof wanted
    ? value.value === wanted
    : Number(value.value) === Number(wanted);
}

/** A field as the API's JSON has it. What it cannot be is left as it is, and refused like any other bad value. */
function jsonOf(kind: ItemKind, field: string, value: unknown): JsonValue {
  if (value === "" && field !== "service") {
    // The API takes it for an absent field, which would match everything.
    throw invalidArgument(`filter.${field}`, "must not be empty");
  }
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw invalidArgument(`filter.${field}`, "must be a valid Date");
    return value.toISOString();
  }
  if (field === "attributes" && typeof value === "object" && value !== null) {
    const texts = Object.entries(value).filter(([, wanted]) => wanted !== undefined);
    return Object.fromEntries(texts.map(([key, wanted]) => [key, attributeText(wanted)]));
  }
  if (/Duration$/.test(field)) return durationJson(value);
  const names = filterSchemas[kind].fields.find(({ jsonName }) => jsonName === field)?.enum?.values ?? [];
  const long = names.find(({ localName }) => typeof value === "string" && localName === value.toUpperCase());
  return long?.name ?? (value as JsonValue);
}

/** Milliseconds as seconds. */
export function durationJson(value: unknown): JsonValue {
  return typeof value === "number" ? `${(value / 1_000).toFixed(9)}s` : (value as JsonValue);
}
