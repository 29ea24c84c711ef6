import {
  type DescEnum,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
} from "@bufbuild/protobuf";
import { DurationSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { type FilterMessage, filterSchemas } from "../../../api/item-schemas.ts";
import { invalidArgument } from "../../../domain/errors.ts";
import { maxWithout } from "../../../domain/filter.ts";
import type { FilterOf, ItemKind } from "../../../domain/item-kind.ts";
import { checkRequest } from "../api/request-json.ts";
import { readEachWithout, readFilter } from "../query-api/item-messages.ts";
import type { ArgumentSchema } from "./argument-check.ts";

export type Arguments = Readonly<Record<string, unknown>>;

export const text = { type: "string" } as const;

const time = { type: "string", description: "RFC 3339, or how long ago: 5m" } as const;
const duration = { type: "string", description: "such as 10ms or 1.5s" } as const;

/** What is said of the fields of filters of which their names and types tell too little. */
const descriptions: Readonly<Record<string, string>> = {
  attributes: "each must be there with this value, compared as text",
  text_contains: "in any name, text or attribute, in any case",
  where: 'CEL over the item\'s JSON: attributes["http.response.status_code"] >= 500',
};

/** The arguments that filter items of each kind. They are the fields of the API's filters. */
export const filterArguments = {
  spans: argumentsOf(filterSchemas.spans),
  logs: argumentsOf(filterSchemas.logs),
  metrics: argumentsOf(filterSchemas.metrics),
} as const satisfies Record<ItemKind, Readonly<Record<string, ArgumentSchema>>>;

function argumentsOf({ fields }: DescMessage): Readonly<Record<string, ArgumentSchema>> {
  return Object.fromEntries(fields.map((field) => [argumentName(field), argumentSchema(field)]));
}

/** The name of the API's field. One differs: the `kind` of `wait_for` says which kind of items to wait for. */
function argumentName({ name }: DescField): string {
  return name === "kind" ? "span_kind" : name;
}

function argumentSchema(field: DescField): ArgumentSchema {
  if (isTime(field)) return time;
  if (isDuration(field)) return duration;
  if (field.enum !== undefined) return { enum: valueNames(field.enum) };
  const { [field.name]: description } = descriptions;
  const schema = field.fieldKind === "map" ? ({ type: "object", additionalProperties: text } as const) : text;
  return description === undefined ? schema : { ...schema, description };
}

function isTime({ message }: DescField): boolean {
  return message?.typeName === TimestampSchema.typeName;
}

function isDuration({ message }: DescField): boolean {
  return message?.typeName === DurationSchema.typeName;
}

/** All values but the one for "not set", and those between two severities, such as ERROR2. */
function valueNames({ values }: DescEnum): readonly string[] {
  return values.filter(({ localName }) => !/^UNSPECIFIED$|\d$/.test(localName)).map(({ name }) => name);
}

/** Filters of spans that no trace of an answer may have. */
export const withoutArgument = {
  type: "array",
  maxItems: maxWithout,
  items: { type: "object", properties: filterArguments.spans, additionalProperties: false },
  description: "traces with a span that matches one of these filters are left out",
} as const satisfies ArgumentSchema;

/**
 * The filter that the arguments of a tool make, of which others are ignored.
 * @param path of the arguments, "" for those of the tool itself
 * @throws ObsvtyError invalid-argument that names the argument
 */
export async function filterOfArguments<Kind extends ItemKind>(
  kind: Kind,
  args: Arguments,
  path = "",
  nowMs = Date.now(),
): Promise<FilterOf<Kind>> {
  const schema: DescMessage = filterSchemas[kind];
  const json: JsonObject = {};
  for (const field of schema.fields) {
    const name = argumentName(field);
    const value = args[name];
    if (value === undefined) continue;
    json[field.name] = jsonOf(field, path === "" ? name : `${path}.${name}`, value, nowMs) as JsonValue;
  }
  checkRequest(schema, json, path);
  return readFilter(kind, fromJson(schema, json) as unknown as FilterMessage<Kind>, path || "filter");
}

/** @throws ObsvtyError invalid-argument that names the argument */
export function withoutOfArguments({ without = [] }: Arguments): Promise<readonly FilterOf<"spans">[]> {
  return readEachWithout(without as readonly Arguments[], (args, path) =>
    filterOfArguments("spans", args, path),
  );
}

/** @throws ObsvtyError invalid-argument that names the argument */
export function nanoOf(name: string, text: string): bigint {
  return BigInt(Math.round(durationMs(name, text) * 1_000_000));
}

const msOfUnit: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function jsonOf(field: DescField, path: string, value: unknown, nowMs: number): unknown {
  if (typeof value !== "string") return value;
  if (isDuration(field)) return `${(durationMs(path, value) / 1_000).toFixed(9)}s`;
  if (!isTime(field)) return value;
  const ms = msOf(value);
  return ms !== undefined && ms <= nowMs ? new Date(nowMs - ms).toISOString() : value;
}

function durationMs(path: string, text: string): number {
  const ms = msOf(text);
  if (ms === undefined) throw invalidArgument(path, 'a duration looks like "10ms" or "1.5s"');
  return ms;
}

function msOf(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h|d)$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (msOfUnit[unit] ?? 0);
}
