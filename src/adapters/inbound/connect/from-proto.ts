import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { LogFilter, MetricFilter, SpanFilter } from "../../../domain/filter.ts";
import { parseTraceId } from "../../../domain/ids.ts";
import type { MetricType } from "../../../domain/telemetry.ts";

/*
 * Filters as they are sent to filters as the core knows them. An empty string and an unspecified enum
 * value are not set. All refusals name the field;
 * `path` is that of the filter in the request.
 */

export function spanFilter(filter: pb.SpanFilter | undefined, path = "filter"): SpanFilter {
  if (filter === undefined) {
    return {};
  }
  const { name, traceId, kind, statusCode } = filter;
  const minDurationNano = durationNano(filter.minDuration, `${path}.min_duration`);
  const maxDurationNano = durationNano(filter.maxDuration, `${path}.max_duration`);
  return {
    ...commonFilter(filter, path),
    ...(name !== "" && { name }),
    ...(traceId !== "" && { traceId: parseTraceId(traceId, `${path}.trace_id`) }),
    ...(kind !== undefined && { kind }),
    ...(statusCode !== undefined && { statusCode }),
    ...(minDurationNano !== undefined && { minDurationNano }),
    ...(maxDurationNano !== undefined && { maxDurationNano }),
  };
}

export function logFilter(filter: pb.LogFilter | undefined, path = "filter"): LogFilter {
  if (filter === undefined) {
    return {};
  }
  const { minSeverity, bodyContains, traceId } = filter;
  return {
    ...commonFilter(filter, path),
    ...(minSeverity !== 0 && { minSeverity }),
    ...(bodyContains !== "" && { bodyContains }),
    ...(traceId !== "" && { traceId: parseTraceId(traceId, `${path}.trace_id`) }),
  };
}

export function metricFilter(filter: pb.MetricFilter | undefined, path = "filter"): MetricFilter {
  if (filter === undefined) {
    return {};
  }
  const { name, type } = filter;
  return {
    ...commonFilter(filter, path),
    ...(name !== "" && { name }),
    ...(type !== pb.MetricType.UNSPECIFIED && { type: metricType(type, `${path}.type`) }),
  };
}

function commonFilter(
  { service, since, until, attributes }: pb.SpanFilter | pb.LogFilter | pb.MetricFilter,
  path: string,
): SpanFilter & LogFilter & MetricFilter {
  const sinceUnixNano = unixNano(since, `${path}.since`);
  const untilUnixNano = unixNano(until, `${path}.until`);
  return {
    ...(service !== "" && { service }),
    ...(sinceUnixNano !== undefined && { sinceUnixNano }),
    ...(untilUnixNano !== undefined && { untilUnixNano }),
    attributes: new Map(Object.entries(attributes)),
  };
}

function metricType(type: pb.MetricType, field: string): MetricType {
  switch (type) {
    case pb.MetricType.GAUGE:
      return "gauge";
    case pb.MetricType.SUM:
      return "sum";
    case pb.MetricType.HISTOGRAM:
      return "histogram";
    case pb.MetricType.EXPONENTIAL_HISTOGRAM:
      return "exponential-histogram";
    case pb.MetricType.SUMMARY:
      return "summary";
    default:
      throw new ObsvtyError("invalid-argument", `${field}: ${type} is no MetricType`);
  }
}

const nanosPerSecond = 1_000_000_000;

function unixNano(time: Timestamp | undefined, field: string): bigint | undefined {
  if (time === undefined) {
    return undefined;
  }
  // timestamp.proto: nanos count forward, also before 1970. JSON cannot break this; binary can.
  if (time.nanos < 0 || time.nanos >= nanosPerSecond) {
    throw new ObsvtyError("invalid-argument", `${field}: the nanos of a time go from 0 to 999,999,999`);
  }
  return time.seconds * BigInt(nanosPerSecond) + BigInt(time.nanos);
}

/** @throws ObsvtyError invalid-argument that names the field when it is negative */
export function durationNano(duration: Duration | undefined, field: string): bigint | undefined {
  if (duration === undefined) {
    return undefined;
  }
  if (duration.seconds < 0n || duration.nanos < 0) {
    throw new ObsvtyError("invalid-argument", `${field}: must not be negative`);
  }
  if (duration.nanos >= nanosPerSecond) {
    throw new ObsvtyError("invalid-argument", `${field}: the nanos of a duration go up to 999,999,999`);
  }
  return duration.seconds * BigInt(nanosPerSecond) + BigInt(duration.nanos);
}
