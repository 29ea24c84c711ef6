import type { JsonObject } from "@bufbuild/protobuf";
import type { LogFilterJson, SpanFilterJson } from "../../../gen/obsvty/v1/query_pb.ts";
import type { SeverityNumberJson } from "../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import { parseDuration, secondsText } from "../format/time.ts";

/** The parameters of a route whose names begin with this are attributes. */
export const attributePrefix = "attr.";

type Params = Readonly<Record<string, string>>;

export const severities = ["trace", "debug", "info", "warn", "error", "fatal"] as const;

const severityNumbers: Readonly<Record<string, SeverityNumberJson>> = {
  trace: "SEVERITY_NUMBER_TRACE",
  debug: "SEVERITY_NUMBER_DEBUG",
  info: "SEVERITY_NUMBER_INFO",
  warn: "SEVERITY_NUMBER_WARN",
  error: "SEVERITY_NUMBER_ERROR",
  fatal: "SEVERITY_NUMBER_FATAL",
};

/** A parameter that cannot be understood is left out; `wrongDuration` tells the person. */
export function spanFilter(params: Params): SpanFilterJson {
  const minDuration = parseDuration(params.min ?? "");
  return {
    ...(params.service !== undefined && { service: params.service }),
    ...(params.name && { name: params.name }),
    ...(params.status === "error" && { statusCode: "STATUS_CODE_ERROR" }),
    ...(minDuration !== undefined && { minDuration: secondsText(minDuration) }),
    ...attributesOf(params),
  };
}

export function logFilter(params: Params): LogFilterJson {
  const severity = severityNumbers[params.severity ?? ""];
  return {
    ...(params.service !== undefined && { service: params.service }),
    ...(severity !== undefined && { minSeverity: severity }),
    ...(params.text && { bodyContains: params.text }),
    ...(params.trace && { traceId: params.trace }),
    ...attributesOf(params),
  };
}

export function wrongDuration(params: Params): boolean {
  return Boolean(params.min) && parseDuration(params.min ?? "") === undefined;
}

/** The attributes by which a route filters. */
export function attributeFilters(params: Params): readonly (readonly [key: string, value: string])[] {
  return Object.entries(params)
    .filter(([name]) => name.startsWith(attributePrefix))
    .map(([name, value]) => [name.slice(attributePrefix.length), value]);
}

function attributesOf(params: Params): { attributes?: Record<string, string> } {
  const attributes = attributeFilters(params);
  return attributes.length === 0 ? {} : { attributes: Object.fromEntries(attributes) };
}

/** Whether anything is left out by the filter. */
export function isFiltered(filter: object): boolean {
  return Object.keys(filter as JsonObject).length > 0;
}
