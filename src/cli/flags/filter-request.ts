import type { DescEnum, MessageInitShape } from "@bufbuild/protobuf";
import { MetricTypeSchema } from "../../../gen/obsvty/v1/query_pb.ts";
import { SeverityNumberSchema } from "../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import {
  Span_SpanKindSchema,
  Status_StatusCodeSchema,
} from "../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { filterSchemas } from "../../api/item-schemas.ts";
import type { ItemKind } from "../../domain/item-kind.ts";
import { fromNanos } from "../api/proto-time.ts";
import { durationFlag } from "./duration.ts";
import { enumValue } from "./enum-value.ts";
import {
  type EnumName,
  type FilterFlag,
  type FlagValues,
  fieldOf,
  filterFlags,
  withoutFlag,
} from "./filter-flags.ts";
import { parseTime, timeExamples } from "./time.ts";
import { notAllowed, UsageError } from "./usage-error.ts";

export type Filters = { readonly [Kind in ItemKind]: MessageInitShape<(typeof filterSchemas)[Kind]> };

/** The filter that `Tail` and `WaitFor` take: which kind of items, and which of them. */
export type ItemFilter = { [Kind in ItemKind]: { case: Kind; value: Filters[Kind] } }[ItemKind];

export const enumSchemas = {
  SpanKind: Span_SpanKindSchema,
  StatusCode: Status_StatusCodeSchema,
  SeverityNumber: SeverityNumberSchema,
  MetricType: MetricTypeSchema,
} as const satisfies Record<EnumName, DescEnum>;

/**
 * The API's filter from the flags as they were typed. A value that cannot be written into a request is refused
 * here, with the flag's name; ids and limits are for the server to judge.
 * @param nowMs the time from which durations of `--since` and `--until` are counted back
 */
export function itemFilter(kind: ItemKind, flags: FlagValues, nowMs = Date.now()): ItemFilter {
  return { case: kind, value: filterOf(kind, flags, nowMs) } as ItemFilter;
}

export function filterOf<Kind extends ItemKind>(
  kind: Kind,
  flags: FlagValues,
  nowMs = Date.now(),
): Filters[Kind] {
  const fields = filterFlags[kind].flatMap((flag) => {
    const given = flags[fieldOf(flag)];
    return given === undefined ? [] : [[fieldOf(flag), parsedValue(flag, given as never, nowMs)]];
  });
  return Object.fromEntries(fields);
}

/** The filters of spans that no trace of an answer may have: one for each `--without`. */
export function withoutOf({ without = [] }: FlagValues, nowMs = Date.now()): readonly Filters["spans"][] {
  return (without as readonly string[]).map((given) => {
    const equals = given.indexOf("=");
    const [name, value] = [given.slice(0, equals), given.slice(equals + 1)];
    const flag = equals < 1 ? undefined : filterFlags.spans.find((each) => each.name === name);
    if (flag === undefined) {
      const names = filterFlags.spans.map((each) => each.name).join(", ");
      throw notAllowed(withoutFlag.name, given, `${withoutFlag.value}, where the flag is one of ${names}`);
    }
    return filterOf("spans", { [fieldOf(flag)]: flag.takes === "pairs" ? [value] : value }, nowMs);
  });
}

function parsedValue(flag: FilterFlag, given: string & readonly string[], nowMs: number): unknown {
  switch (flag.takes) {
    case "text":
      return textOf(flag.name, given);
    case "text or nothing":
      return given;
    case "pairs":
      return pairsOf(flag.name, given);
    case "time":
      return parseTime(given, nowMs) ?? refuse(flag, given, timeExamples);
    case "duration":
      return fromNanos(durationFlag(flag.name, given));
    default:
      return (
        specifiedValue(enumSchemas[flag.takes], given) ??
        refuse(flag, given, `one of ${flag.choices.join(", ")}`)
      );
  }
}

function refuse({ name }: FilterFlag, given: string, allowed: string): never {
  throw notAllowed(name, given, allowed);
}

/** The API reads an empty string as "not set", which would match everything. */
function textOf(name: string, text: string): string {
  if (text === "") {
    throw new UsageError(`--${name}: must not be empty`);
  }
  return text;
}

/** The API reads an enum's UNSPECIFIED value as "not set", too. */
function specifiedValue(schema: DescEnum, text: string): number | undefined {
  const value = enumValue(schema, text);
  return value !== undefined && schema.value[value]?.localName === "UNSPECIFIED" ? undefined : value;
}

function pairsOf(name: string, pairs: readonly string[]): Record<string, string> {
  const values = new Map<string, string>();
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    if (equals < 1) {
      throw notAllowed(name, pair, "key=value");
    }
    const key = pair.slice(0, equals);
    if (values.has(key)) {
      throw new UsageError(`--${name}: ${JSON.stringify(key)} is given twice`);
    }
    values.set(key, pair.slice(equals + 1));
  }
  return Object.fromEntries(values);
}
