/** What can be filtered, by the API's names of its lists. */
export type ItemKind = "spans" | "logs" | "metrics";

/** A filter as a flag of the command line. Its name is the API's in kebab case. */
export interface FilterFlag {
  readonly name: string;
  /** What stands for the value in help. */
  readonly value: string;
  readonly meaning: string;
  /** May be given more than once, also by its plural, which is the API's name. */
  readonly repeatable?: true;
}

const service: FilterFlag = { name: "service", value: "name", meaning: "service.name, exactly" };
const since: FilterFlag = {
  name: "since",
  value: "time",
  meaning: "at this time or later: RFC 3339, or how long ago (5m)",
};
const until: FilterFlag = { name: "until", value: "time", meaning: "before this time" };
const attribute: FilterFlag = {
  name: "attribute",
  value: "key=value",
  meaning: "of the item or its resource, compared as text; repeatable",
  repeatable: true,
};
const traceId: FilterFlag = { name: "trace-id", value: "id", meaning: "32 hex digits" };

/** The filters of each kind, in the order in which help lists them. */
export const filterFlags = {
  spans: [
    service,
    { name: "name", value: "name", meaning: "the span's name, exactly" },
    traceId,
    { name: "kind", value: "kind", meaning: "internal, server, client, producer or consumer" },
    { name: "status-code", value: "code", meaning: "unset, ok or error" },
    { name: "min-duration", value: "duration", meaning: "took at least so long: 10ms, 1.5s, 2m" },
    { name: "max-duration", value: "duration", meaning: "took at most so long" },
    since,
    until,
    attribute,
  ],
  logs: [
    service,
    {
      name: "min-severity",
      value: "severity",
      meaning: "this one or worse: trace, debug, info, warn, error or fatal",
    },
    { name: "body-contains", value: "text", meaning: "occurs in the body" },
    traceId,
    since,
    until,
    attribute,
  ],
  metrics: [
    service,
    { name: "name", value: "name", meaning: "the metric's name, exactly" },
    {
      name: "type",
      value: "type",
      meaning: "gauge, sum, histogram, exponential-histogram or summary",
    },
    since,
    until,
    attribute,
  ],
} as const satisfies Record<ItemKind, readonly FilterFlag[]>;

/** Values as they were typed, by the flag's name in camel case. */
export type FlagValues = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;
