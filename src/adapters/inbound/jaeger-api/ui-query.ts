import { invalidArgument } from "../../../domain/errors.ts";
import type { TraceId } from "../../../domain/ids.ts";
import { checkWindow } from "../api/time-arguments.ts";
import { type Parameters, parseGoDuration, traceIdOf } from "./parameters.ts";
import type { TimeWindow } from "./reading.ts";
import { type TracesSearch, tracesSearch } from "./traces-search.ts";

/** What `/api/traces` is asked for: traces by their ids, or those of which a span matches. */
export type UiTracesQuery = { readonly traceIds: readonly TraceId[] } | TracesSearch;

const nanosPerMicro = 1_000n;
const nanosPerMilli = 1_000_000n;

/**
 * Reads the parameters of `/api/traces`, as Jaeger's `query_parser.go` documents them.
 * @throws ObsvtyError invalid-argument that names the parameter
 */
export function uiTracesQuery(parameters: Parameters, nowUnixNano: bigint): UiTracesQuery {
  const traceIds = parameters.all("traceID").map((id) => traceIdOf(id, "traceID"));
  if (traceIds.length > 0) return { traceIds: [...new Set(traceIds)] };
  const service = parameters.text("service")?.value;
  if (service === undefined) throw invalidArgument("service", "is required");
  const minDurationNano = parameters.duration("minDuration");
  const maxDurationNano = parameters.duration("maxDuration");
  if (minDurationNano && maxDurationNano && maxDurationNano < minDurationNano) {
    throw invalidArgument("maxDuration", "must not be less than minDuration");
  }
  const sinceUnixNano = sinceOf(parameters, nowUnixNano);
  const end = parameters.whole("end");
  checkWindow("start", sinceUnixNano, "end", end === undefined ? undefined : end * nanosPerMicro);
  return tracesSearch({
    service,
    operation: parameters.text("operation")?.value,
    tags: tagsOf(parameters),
    minDurationNano,
    maxDurationNano,
    sinceUnixNano,
    // Spans that start in the last microsecond are included.
    untilUnixNano: end === undefined ? undefined : (end + 1n) * nanosPerMicro,
    limit: parameters.limit("limit"),
  });
}

/** Without both of these, everything that is held: it is a short time anyway. */
function sinceOf(parameters: Parameters, nowUnixNano: bigint): bigint | undefined {
  const start = parameters.whole("start");
  if (start !== undefined) return start * nanosPerMicro;
  // The UI also sends "custom", together with a start.
  const lookback = parseGoDuration(parameters.text("lookback")?.value ?? "");
  return lookback === undefined ? undefined : nowUnixNano - lookback;
}

/** `tags` is a JSON object, `tag` is `name:value`; both may be given several times. */
function tagsOf(parameters: Parameters): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const tag of parameters.all("tag")) {
    const at = tag.indexOf(":");
    if (at < 1) throw invalidArgument("tag", "looks like name:value");
    tags.set(tag.slice(0, at), tag.slice(at + 1));
  }
  for (const json of parameters.all("tags")) {
    for (const [name, value] of parameters.tags(json, "tags")) tags.set(name, value);
  }
  return tags;
}

/** Reads the parameters of `/api/dependencies`, both of which are milliseconds. */
export function uiDependenciesWindow(parameters: Parameters, nowUnixNano: bigint): TimeWindow {
  const end = parameters.whole("endTs");
  const lookback = parameters.whole("lookback");
  const untilUnixNano = end === undefined ? undefined : (end + 1n) * nanosPerMilli;
  return {
    sinceUnixNano:
      lookback === undefined ? undefined : (untilUnixNano ?? nowUnixNano) - lookback * nanosPerMilli,
    untilUnixNano,
  };
}
