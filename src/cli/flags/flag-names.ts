import { fieldInJson } from "../../domain/errors.ts";
import { itemKinds } from "../../domain/item-kind.ts";
import type { FlagValues } from "./filter-flags.ts";

/** What a request calls its filter: `filter`, or the kind of items. */
const filters = ["filter", ...itemKinds].join("|");
/** A field as the server names it: `filter.trace_id`, `timeout`, `group_by[0]`, `attributes["cart.id"]`. */
const fieldPath = new RegExp(
  `(?:(?:${filters})\\.)?([a-z_]+)(?:\\[\\d+\\])?(?:\\["((?:[^"\\\\]|\\\\.)*)"\\])?`,
);
const refusedField = new RegExp(`^${fieldPath.source}(?=: )`);
const fieldList = new RegExp(`(?<=failed on )${fieldPath.source}(?:, ${fieldPath.source})*`);

/** A field as the API's filter has it in JSON; the key when it is one of the attributes. */
export interface NamedField {
  readonly field: string;
  readonly key?: string;
}

/** The message of a refused request, with the field that it begins with named as the flag that gave it. */
export function withFlag(message: string, flags: FlagValues): string {
  return message.replace(refusedField, (_, ...groups: string[]) => flagName(fieldIn(groups), flags));
}

/** The message of a wait that ended in vain, with the fields of the nearest miss named otherwise. */
export function withMissedNames(message: string, nameOf: (field: NamedField) => string): string {
  return message.replace(fieldList, (list) =>
    list.replace(new RegExp(fieldPath, "g"), (_, ...groups: string[]) => nameOf(fieldIn(groups))),
  );
}

/** The fields on which the nearest miss failed, by the message of a wait that ended in vain. */
export function missedFields(message: string): NamedField[] {
  const [list = ""] = fieldList.exec(message) ?? [];
  return Array.from(list.matchAll(new RegExp(fieldPath, "g")), ([, ...groups]) => fieldIn(groups));
}

/** @param groups of `fieldPath`: the name as the server spells it, and the key with escapes */
function fieldIn([name = "", key]: readonly (string | undefined)[]): NamedField {
  return { field: fieldInJson(name), ...(key !== undefined && { key: JSON.parse(`"${key}"`) as string }) };
}

/** The name in JSON. */
export function jsonName({ field, key }: NamedField): string {
  return key === undefined ? field : `${field}[${JSON.stringify(key)}]`;
}

/** The flag that gives a field. Several attributes are told apart by their values. */
export function flagName({ field, key }: NamedField, { attributes = [] }: FlagValues): string {
  if (field !== "attributes" || key === undefined) {
    return `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  }
  const pair = (attributes as readonly string[]).find((given) => given.startsWith(`${key}=`)) ?? key;
  return `--attribute ${/^[\w.=:/@%+-]+$/.test(pair) ? pair : JSON.stringify(pair)}`;
}
