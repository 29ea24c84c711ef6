import { invalidArgument } from "../../../domain/errors.ts";
import { checkWindow } from "../api/time-arguments.ts";
import type { Parameters } from "./parameters.ts";
import type { TimeWindow } from "./reading.ts";
import { type TracesSearch, tracesSearch } from "./traces-search.ts";

/**
 * Reads the parameters of `/api/v3/traces` and `/api/v3/trace-summaries`. Each has a name in the form of JSON, and the
 * name that it has in protobuf, which older clients use. Jaeger insists on both times; here they may be left out.
 * @throws ObsvtyError invalid-argument that names the parameter
 */
export function v3TracesSearch(parameters: Parameters): TracesSearch {
  const structured = parameters.text("query.filter");
  // To pass it over would answer with more traces than were asked for.
  if (structured !== undefined) throw invalidArgument(structured.name, "is not supported");
  const attributes = parameters.text("query.attributes");
  const sinceUnixNano = parameters.time("query.startTimeMin", "query.start_time_min");
  const untilUnixNano = parameters.time("query.startTimeMax", "query.start_time_max");
  checkWindow("query.startTimeMin", sinceUnixNano, "query.startTimeMax", untilUnixNano);
  return tracesSearch({
    service: parameters.text("query.serviceName", "query.service_name")?.value,
    operation: parameters.text("query.operationName", "query.operation_name")?.value,
    tags: attributes === undefined ? new Map() : parameters.tags(attributes.value, attributes.name),
    minDurationNano: parameters.duration("query.durationMin", "query.duration_min"),
    maxDurationNano: parameters.duration("query.durationMax", "query.duration_max"),
    sinceUnixNano,
    untilUnixNano,
    limit: parameters.limit("query.searchDepth", "query.search_depth", "query.num_traces"),
  });
}

/** Reads the parameters of `/api/v3/dependencies`. */
export function v3DependenciesWindow(parameters: Parameters): TimeWindow {
  const sinceUnixNano = parameters.time("startTime", "start_time");
  const untilUnixNano = parameters.time("endTime", "end_time");
  checkWindow("startTime", sinceUnixNano, "endTime", untilUnixNano);
  return { sinceUnixNano, untilUnixNano };
}
