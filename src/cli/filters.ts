import type { MessageInitShape } from "@bufbuild/protobuf";
import type { GenEnum } from "@bufbuild/protobuf/codegenv2";
import {
  type LogFilterSchema,
  type MetricFilterSchema,
  MetricTypeSchema,
  type SpanFilterSchema,
} from "../../gen/obsvty/v1/query_pb.ts";
import { SeverityNumberSchema } from "../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import {
  Span_SpanKindSchema,
  Status_StatusCodeSchema,
} from "../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import { durationExamples, parseDuration } from "./duration.ts";
import { enumChoices, enumValue } from "./enum-value.ts";
import type { FlagValues } from "./filter-flags.ts";
import { fromNanos, parseTime, type SecondsAndNanos } from "./proto-time.ts";
import { notAllowed, UsageError } from "./usage-error.ts";

/*
 * Flags to the API's filters. What is wrong with a value is said here, with the flag's name, when it is a
 * matter of how it is written; ids and cursors are the server's to judge.
 */

type SpanFilter = MessageInitShape<typeof SpanFilterSchema>;
type LogFilter = MessageInitShape<typeof LogFilterSchema>;
type MetricFilter = MessageInitShape<typeof MetricFilterSchema>;

/** @param nowMs what a duration of `--since` and `--until` is counted back from */
export function spanFilter(flags: FlagValues, nowMs: number): SpanFilter {
  return {
    ...commonFilter(flags, nowMs),
    ...setText(flags, "name"),
    ...setText(flags, "traceId"),
    ...setEnum(flags, "kind", Span_SpanKindSchema),
    ...setEnum(flags, "statusCode", Status_StatusCodeSchema),
    ...setDuration(flags, "minDuration"),
    ...setDuration(flags, "maxDuration"),
  };
}

export function logFilter(flags: FlagValues, nowMs: number): LogFilter {
  return {
    ...commonFilter(flags, nowMs),
    ...setEnum(flags, "minSeverity", SeverityNumberSchema),
    ...setText(flags, "bodyContains"),
    ...setText(flags, "traceId"),
  };
}

export function metricFilter(flags: FlagValues, nowMs: number): MetricFilter {
  return {
    ...commonFilter(flags, nowMs),
    ...setText(flags, "name"),
    ...setEnum(flags, "type", MetricTypeSchema),
  };
}

function commonFilter(flags: FlagValues, nowMs: number) {
  return {
    ...setText(flags, "service"),
    ...setTime(flags, "since", nowMs),
    ...setTime(flags, "until", nowMs),
    ...attributesIn(flags),
  };
}

type Field<Key extends string, Value> = { readonly [K in Key]?: Value };

function field<Key extends string, Value>(key: Key, value: Value): Field<Key, Value> {
  return { [key]: value } as Field<Key, Value>;
}

function setText<Key extends string>(flags: FlagValues, key: Key): Field<Key, string> {
  const text = textOf(flags, key);
  if (text === "") {
    // The API takes an empty string for "not set", which would match everything.
    throw new UsageError(`--${kebabCase(key)}: must not be empty`);
  }
  return text === undefined ? {} : field(key, text);
}

function setEnum<Key extends string, Value extends number>(
  flags: FlagValues,
  key: Key,
  schema: GenEnum<Value>,
): Field<Key, Value> {
  return setParsed(flags, key, enumChoices(schema), (text) => {
    const value = enumValue(schema, text);
    // Likewise for an enum's "unspecified".
    return schema.values.find(({ localName }) => localName === "UNSPECIFIED")?.number === value
      ? undefined
      : (value as Value);
  });
}

function setDuration<Key extends string>(flags: FlagValues, key: Key): Field<Key, SecondsAndNanos> {
  return setParsed(flags, key, durationExamples, (text) => {
    const nanos = parseDuration(text);
    return nanos === undefined ? undefined : fromNanos(nanos);
  });
}

function setTime<Key extends string>(
  flags: FlagValues,
  key: Key,
  nowMs: number,
): Field<Key, SecondsAndNanos> {
  const allowed = "a time like 2026-11-23T10:00:00Z, or how long ago, like 5m";
  return setParsed(flags, key, allowed, (text) => parseTime(text, nowMs));
}

function setParsed<Key extends string, Value>(
  flags: FlagValues,
  key: Key,
  allowed: string,
  parse: (text: string) => Value | undefined,
): Field<Key, Value> {
  const text = textOf(flags, key);
  if (text === undefined) {
    return {};
  }
  const value = parse(text);
  if (value === undefined) {
    throw notAllowed(kebabCase(key), text, allowed);
  }
  return field(key, value);
}

function attributesIn({ attributes: given = [] }: FlagValues): { attributes?: Record<string, string> } {
  const attributes = new Map<string, string>();
  for (const pair of given as readonly string[]) {
    const equals = pair.indexOf("=");
    if (equals < 1) {
      throw notAllowed("attribute", pair, "key=value");
    }
    const key = pair.slice(0, equals);
    if (attributes.has(key)) {
      throw new UsageError(`--attribute: ${JSON.stringify(key)} is given twice`);
    }
    attributes.set(key, pair.slice(equals + 1));
  }
  return attributes.size === 0 ? {} : { attributes: Object.fromEntries(attributes) };
}

function textOf(flags: FlagValues, key: string): string | undefined {
  return flags[key] as string | undefined;
}

function kebabCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
