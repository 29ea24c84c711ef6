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
import { forgetTrouble, noteTrouble, tokenWanted } from "../state/session.ts";
import { messageOf, type Refusal, refusalOf } from "./answer.ts";
import { wrongField } from "./answer-shape.ts";
import { authorization } from "./authorization.ts";
import { noteAnswer } from "./pace.ts";
import { noteServerDate } from "./server-clock.ts";
import {
  noAnswer,
  oddAnswer,
  type ServerTrouble,
  slowAnswer,
  slowMs,
  strangeAnswer,
  troubleOf,
} from "./server-trouble.ts";

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
  /** Connect's, such as `not_found`; `unreachable` when there was no answer of an obsvty server, or not all of it. */
  readonly code: string;
  /** Set when it is not what was asked that is wrong; the person has been told. */
  readonly trouble: ServerTrouble | undefined;

  constructor(code: string, message: string, trouble?: ServerTrouble) {
    super(message);
    this.code = code;
    this.trouble = trouble;
  }
}

/** Whether a cursor was refused: it is of an earlier run of the server. */
export function refusesCursor({ message }: CallError): boolean {
  return /cursor/.test(message);
}

const anyMethod = "any";
let calls = 0;

/**
 * Calls a method in Connect's JSON.
 * @throws CallError
 */
export async function call<Name extends keyof Methods>(
  method: Name,
  request: Methods[Name][0],
  abort?: AbortSignal,
): Promise<Methods[Name][1]> {
  const own = `call ${calls++}`;
  const began = performance.now();
  const slow = setTimeout(() => noteTrouble(own, slowAnswer), slowMs);
  let response: Response;
  let answer: unknown;
  try {
    const service = method.endsWith("Faults") ? "FaultService" : "QueryService";
    response = await fetch(`obsvty.v1.${service}/${method}`, {
      method: "POST",
      headers: { "content-type": contentTypes.json, "connect-protocol-version": "1", ...authorization() },
      body: JSON.stringify(request),
      ...(abort && { signal: abort }),
    });
    answer = response.ok ? await messageOf(response) : await refusalOf(response);
  } catch (error) {
    if (abort?.aborted) throw error;
    noteTrouble(anyMethod, noAnswer);
    throw new CallError("unreachable", noAnswer.text, noAnswer);
  } finally {
    clearTimeout(slow);
    noteTrouble(own, undefined);
  }
  noteAnswer(performance.now() - began, abort);
  abort?.throwIfAborted();
  const { status, headers } = response;
  noteServerDate(headers.get("date"));
  if (answer === undefined && status < 500) {
    const strange = strangeAnswer(status);
    noteTrouble(anyMethod, strange);
    throw new CallError("unreachable", strange.text, strange);
  }
  noteTrouble(anyMethod, undefined);
  if (response.ok) {
    const wrong = wrongField(answer as object, `${method}Response`);
    if (wrong !== undefined) throw troubled(method, "unreachable", oddAnswer(wrong));
    noteTrouble(method, undefined);
    tokenWanted.value = undefined;
    return answer as Methods[Name][1];
  }
  const { code, message } = (answer as Refusal | undefined) ?? { code: "unknown", message: "" };
  if (code === "unauthenticated") tokenWanted.value = message;
  const found = troubleOf(code, message, status, headers.get("retry-after"));
  if (found !== undefined) throw troubled(method, code, found, message || `HTTP ${status}`);
  noteTrouble(method, undefined);
  throw new CallError(code, message || `HTTP ${status}`);
}

/** Tells the person of a trouble at one method. @returns what the call throws */
function troubled(method: string, code: string, found: ServerTrouble, message = found.text): CallError {
  noteTrouble(method, found);
  // A call that is not made again would never end it.
  setTimeout(() => forgetTrouble(method, found), found.againMs + slowMs);
  return new CallError(code, message, found);
}
