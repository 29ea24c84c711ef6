import { type DescMessage, fromJson, type JsonObject, type MessageShape } from "@bufbuild/protobuf";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import { invalidArgument } from "../../../domain/errors.ts";
import type { FilterOf, ItemKind } from "../../../domain/item-kind.ts";
import { checkRequest } from "../api/request-json.ts";
import { type FilterMessage, maxWithout, readEachWithout, readFilter } from "../query-api/item-messages.ts";
import type { ArgumentSchema } from "./argument-check.ts";

export type Arguments = Readonly<Record<string, unknown>>;

const text = { type: "string" } as const;

const time = { type: "string", description: "RFC 3339, or how long ago: 5m" } as const;
const duration = { type: "string", description: "such as 10ms or 1.5s" } as const;

const common = {
  service: text,
  since: time,
  until: time,
  attributes: {
    type: "object",
    additionalProperties: text,
    description: "each must be there with this value, compared as text",
  },
  text_contains: { ...text, description: "in any name, text or attribute, in any case" },
  where: {
    ...text,
    description: 'CEL over the item\'s JSON: attributes["http.response.status_code"] >= 500',
  },
} as const;

/** The arguments that filter items of each kind. They are the fields of the API's filters. */
export const filterArguments = {
  spans: {
    ...common,
    name: text,
    name_contains: text,
    trace_id: text,
    status_code: { enum: ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"] },
    min_duration: duration,
    max_duration: duration,
  },
  logs: {
    ...common,
    trace_id: text,
    body_contains: text,
    min_severity: {
      enum: ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].map((name) => `SEVERITY_NUMBER_${name}`),
    },
  },
  metrics: { ...common, name: text, name_contains: text },
} as const satisfies Record<ItemKind, object>;

/** Filters of spans that no trace of an answer may have. */
export const withoutArgument = {
  type: "array",
  maxItems: maxWithout,
  items: { type: "object", properties: filterArguments.spans, additionalProperties: false },
  description: "traces with a span that matches one of these filters are left out",
} as const satisfies ArgumentSchema;

const schemas = {
  spans: pb.SpanFilterSchema,
  logs: pb.LogFilterSchema,
  metrics: pb.MetricFilterSchema,
} as const satisfies Record<ItemKind, DescMessage>;

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
  const names = Object.keys(filterArguments[kind]).filter((name) => args[name] !== undefined);
  const json = Object.fromEntries(
    names.map((name) => [name, jsonOf(name, path === "" ? name : `${path}.${name}`, args[name], nowMs)]),
  ) as JsonObject;
  const schema: DescMessage = schemas[kind];
  checkRequest(schema, json, path);
  const message: MessageShape<DescMessage> = fromJson(schema, json);
  return readFilter(kind, message as unknown as FilterMessage<Kind>, path || "filter");
}

/** @throws ObsvtyError invalid-argument that names the argument */
export function withoutOfArguments({ without = [] }: Arguments): Promise<readonly FilterOf<"spans">[]> {
  return readEachWithout(without as readonly Arguments[], (args, path) =>
    filterOfArguments("spans", args, path),
  );
}

/** @throws ObsvtyError invalid-argument that names the argument */
export function nanoOf(name: string, text: string): bigint {
  const ms = msOf(text);
  if (ms === undefined) throw invalidArgument(name, 'a duration looks like "10ms" or "1.5s"');
  return BigInt(Math.round(ms * 1_000_000));
}

const msOfUnit: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function jsonOf(name: string, path: string, value: unknown, nowMs: number): unknown {
  if (typeof value !== "string") return value;
  const ms = msOf(value);
  if (name.endsWith("_duration")) {
    if (ms === undefined) throw invalidArgument(path, 'a duration looks like "10ms" or "1.5s"');
    return `${(ms / 1_000).toFixed(9)}s`;
  }
  const isTime = name === "since" || name === "until";
  return isTime && ms !== undefined && ms <= nowMs ? new Date(nowMs - ms).toISOString() : value;
}

function msOf(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h|d)$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (msOfUnit[unit] ?? 0);
}
