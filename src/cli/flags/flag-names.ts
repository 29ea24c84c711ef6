import { fieldInJson } from "../../domain/errors.ts";
import { itemSignals } from "../../domain/item-kind.ts";
import type { FlagValues } from "./filter-flags.ts";

/** What a request calls its filter: `filter`, or the kind of items. */
const filters = ["filter", ...Object.keys(itemSignals)].join("|");
/** A field as the server names it: `filter.trace_id`, `timeout`, `group_by[0]`, `attributes["cart.id"]`. */
const fieldPath = new RegExp(
  `(?:(?:${filters})\\.)?([a-z_]+)(?:\\[\\d+\\])?(?:\\["((?:[^"\\\\]|\\\\.)*)"\\])?`,
);
const refusedField = new RegExp(`^${fieldPath.source}(?=: )`);
const fieldList = new RegExp(`(?<=failed on )${fieldPath.source}(?:, ${fieldPath.source})*`);

/** The message of a refused request, with the field that it begins with named as the flag that gave it. */
export function withFlag(message: string, flags: FlagValues): string {
  return message.replace(refusedField, (_, field: string, key?: string) => flagOf(field, key, flags));
}

/** The message of a wait that ended in vain, with the fields of the nearest miss named as flags. */
export function withMissedFlags(message: string, flags: FlagValues): string {
  return withNames(message, (field, key) => flagOf(field, key, flags));
}

/** The same with the fields named as the filter has them in JSON. */
export function withMissedFields(message: string): string {
  return withNames(message, (field, key) => (key === undefined ? fieldInJson(field) : `${field}["${key}"]`));
}

/** @param nameOf names a field; the key of an attribute is escaped as in the message */
function withNames(message: string, nameOf: (field: string, key: string | undefined) => string): string {
  return message.replace(fieldList, (list) =>
    list.replace(new RegExp(fieldPath, "g"), (_, field: string, key?: string) => nameOf(field, key)),
  );
}

/** A field that an item failed on, as the API's filter has it; the key when it is one of the attributes. */
export interface MissedField {
  readonly field: string;
  readonly key?: string;
}

/** The fields on which the nearest miss failed, by the message of a wait that ended in vain. */
export function missedFields(message: string): MissedField[] {
  const [list = ""] = fieldList.exec(message) ?? [];
  return Array.from(list.matchAll(new RegExp(fieldPath, "g")), ([, field = "", key]) => ({
    field: fieldInJson(field),
    ...(key !== undefined && { key: JSON.parse(`"${key}"`) as string }),
  }));
}

/** Several attributes are told apart by their values. */
function flagOf(field: string, key: string | undefined, { attributes = [] }: FlagValues): string {
  if (field !== "attributes" || key === undefined) {
    return `--${field.replaceAll("_", "-")}`;
  }
  const name = JSON.parse(`"${key}"`) as string;
  const pair = (attributes as readonly string[]).find((given) => given.startsWith(`${name}=`)) ?? name;
  return `--attribute ${/^[\w.=:/@%+-]+$/.test(pair) ? pair : JSON.stringify(pair)}`;
}
