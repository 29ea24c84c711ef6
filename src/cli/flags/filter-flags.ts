import type { ItemKind } from "../../domain/item-kind.ts";
import { metricTypes } from "../../domain/telemetry.ts";

/**
 * A filter as a flag of the command line. Its name is that of the API's field in kebab case. Help, the flag's
 * parser and the field of the request are all made from it.
 */
export type FilterFlag = {
  readonly name: string;
  /** What stands for the value in help. */
  readonly value: string;
  readonly meaning: string;
} & (
  | { readonly takes: "text" | "time" | "duration" }
  /** An empty text is a value of its own. */
  | { readonly takes: "text or nothing" }
  /** The flag may be given more than once, also by its plural, which is the API's name. */
  | { readonly takes: "pairs" }
  /** The short names of an enum's values; severities also have those with a figure, like ERROR2. */
  | { readonly takes: EnumName; readonly choices: readonly string[] }
);

/** The enums that filters take. */
export type EnumName = "SpanKind" | "StatusCode" | "SeverityNumber" | "MetricType";

const service = {
  name: "service",
  value: "name",
  takes: "text or nothing",
  meaning: 'service.name, exactly; "" for items without one',
} as const;
const nameContains = {
  name: "name-contains",
  value: "text",
  takes: "text",
  meaning: "text that occurs in the name, in any case",
} as const;
const traceId = { name: "trace-id", value: "id", takes: "text", meaning: "32 hex digits" } as const;
const shared = [
  {
    name: "since",
    value: "time",
    takes: "time",
    meaning: "at this time or later: RFC 3339, or how long ago (5m)",
  },
  { name: "until", value: "time", takes: "time", meaning: "before this time" },
  {
    name: "attribute",
    value: "key=value",
    takes: "pairs",
    meaning: "of the item, its scope or its resource, compared as text; repeatable",
  },
  {
    name: "text-contains",
    value: "text",
    takes: "text",
    meaning: "text that occurs in names, texts or attributes, in any case",
  },
  {
    name: "where",
    value: "expression",
    takes: "text",
    meaning: "an expression in CEL over the item's JSON, which must be true",
  },
] as const;

/** The filters of each kind, in the order in which help lists them. */
export const filterFlags: Readonly<Record<ItemKind, readonly FilterFlag[]>> = {
  spans: [
    service,
    { name: "name", value: "name", takes: "text", meaning: "the span's name, exactly" },
    nameContains,
    traceId,
    {
      name: "kind",
      value: "kind",
      takes: "SpanKind",
      meaning: "the span's kind",
      choices: ["internal", "server", "client", "producer", "consumer"],
    },
    {
      name: "status-code",
      value: "code",
      takes: "StatusCode",
      meaning: "the span's status",
      choices: ["unset", "ok", "error"],
    },
    { name: "min-duration", value: "duration", takes: "duration", meaning: "at least: 10ms, 1.5s, 2m" },
    { name: "max-duration", value: "duration", takes: "duration", meaning: "at most" },
    ...shared,
  ],
  logs: [
    service,
    {
      name: "min-severity",
      value: "severity",
      takes: "SeverityNumber",
      meaning: "this severity or a worse one",
      choices: ["trace", "debug", "info", "warn", "error", "fatal"],
    },
    { name: "body-contains", value: "text", takes: "text", meaning: "text that occurs in the body" },
    traceId,
    ...shared,
  ],
  metrics: [
    service,
    { name: "name", value: "name", takes: "text", meaning: "the metric's name, exactly" },
    nameContains,
    {
      name: "type",
      value: "type",
      takes: "MetricType",
      meaning: "the metric's type",
      choices: metricTypes,
    },
    ...shared,
  ],
};

/** A flag of `search traces`, which takes what another flag of spans takes. */
export const withoutFlag = {
  name: "without",
  value: "flag=value",
  meaning: "leave out traces with a span that the flag would find, such as service=shop; repeatable",
} as const;

/** The field of a flag, in the values as they were typed and in the API's filter: the name in camel case. */
export function fieldOf({ name, takes }: FilterFlag): string {
  const field = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return takes === "pairs" ? `${field}s` : field;
}

/** Values as they were typed, by the flag's name in camel case. */
export type FlagValues = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;
