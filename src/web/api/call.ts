import type {
  ClearFaultsResponseJson,
  GetFaultsResponseJson,
  SetFaultsRequestJson,
  SetFaultsResponseJson,
} from "../../../gen/obsvty/v1/fault_pb.ts";
import type {
  CountOverTimeRequestJson,
  CountOverTimeResponseJson,
  GetProfileRequestJson,
  GetProfileResponseJson,
  GetServiceGraphRequestJson,
  GetServiceGraphResponseJson,
  GetStatsResponseJson,
  GetTraceOutlineRequestJson,
  GetTraceOutlineResponseJson,
  GetTraceRequestJson,
  GetTraceResponseJson,
  ListAttributesRequestJson,
  ListAttributesResponseJson,
  ListMetricsRequestJson,
  ListMetricsResponseJson,
  ListServicesResponseJson,
  QueryMetricRequestJson,
  QueryMetricResponseJson,
  SearchLogsRequestJson,
  SearchLogsResponseJson,
  SearchProfilesRequestJson,
  SearchProfilesResponseJson,
  SearchSpansRequestJson,
  SearchSpansResponseJson,
  SearchTracesRequestJson,
  SearchTracesResponseJson,
  SummarizeSpansRequestJson,
  SummarizeSpansResponseJson,
} from "../../../gen/obsvty/v1/query_pb.ts";
import { contentTypes } from "../../otlp/content-types.ts";
import { token, tokenWanted, trouble } from "../state/session.ts";

/** The methods of QueryService and FaultService that the page calls. */
interface Methods {
  readonly ClearFaults: readonly [object, ClearFaultsResponseJson];
  readonly GetFaults: readonly [object, GetFaultsResponseJson];
  readonly SetFaults: readonly [SetFaultsRequestJson, SetFaultsResponseJson];
  readonly CountOverTime: readonly [CountOverTimeRequestJson, CountOverTimeResponseJson];
  readonly GetProfile: readonly [GetProfileRequestJson, GetProfileResponseJson];
  readonly GetServiceGraph: readonly [GetServiceGraphRequestJson, GetServiceGraphResponseJson];
  readonly GetStats: readonly [object, GetStatsResponseJson];
  readonly GetTrace: readonly [GetTraceRequestJson, GetTraceResponseJson];
  readonly GetTraceOutline: readonly [GetTraceOutlineRequestJson, GetTraceOutlineResponseJson];
  readonly ListAttributes: readonly [ListAttributesRequestJson, ListAttributesResponseJson];
  readonly ListMetrics: readonly [ListMetricsRequestJson, ListMetricsResponseJson];
  readonly ListServices: readonly [object, ListServicesResponseJson];
  readonly QueryMetric: readonly [QueryMetricRequestJson, QueryMetricResponseJson];
  readonly SearchLogs: readonly [SearchLogsRequestJson, SearchLogsResponseJson];
  readonly SearchProfiles: readonly [SearchProfilesRequestJson, SearchProfilesResponseJson];
  readonly SearchSpans: readonly [SearchSpansRequestJson, SearchSpansResponseJson];
  readonly SearchTraces: readonly [SearchTracesRequestJson, SearchTracesResponseJson];
  readonly SummarizeSpans: readonly [SummarizeSpansRequestJson, SummarizeSpansResponseJson];
}

/** The server's refusal of a call. */
export class CallError extends Error {
  override readonly name = "CallError";
  /** Connect's, such as `not_found`; `unavailable` too when there is no server. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Calls a method in Connect's JSON.
 * @throws CallError
 */
export async function call<Name extends keyof Methods>(
  method: Name,
  request: Methods[Name][0],
  abort?: AbortSignal,
): Promise<Methods[Name][1]> {
  const authorization = token.peek() === "" ? {} : { authorization: `Bearer ${token.peek()}` };
  let response: Response;
  try {
    const service = method.endsWith("Faults") ? "FaultService" : "QueryService";
    response = await fetch(`obsvty.v1.${service}/${method}`, {
      method: "POST",
      headers: { "content-type": contentTypes.json, "connect-protocol-version": "1", ...authorization },
      body: JSON.stringify(request),
      ...(abort && { signal: abort }),
    });
  } catch (error) {
    if (abort?.aborted) throw error;
    trouble.value = "The server does not answer. The page tries again each second.";
    throw new CallError("unavailable", trouble.value);
  }
  if (response.ok) {
    trouble.value = undefined;
    tokenWanted.value = undefined;
    return (await response.json()) as Methods[Name][1];
  }
  const { code = "unknown", message = `HTTP ${response.status}` } = await refusalOf(response);
  if (code === "unauthenticated") tokenWanted.value = message;
  if (code === "permission_denied") trouble.value = message;
  throw new CallError(code, message);
}

async function refusalOf(response: Response): Promise<{ code?: string; message?: string }> {
  try {
    return await response.json();
  } catch {
    return {};
  }
}
