import {
  largeProfileId,
  largeTraceId,
  largeTraceRequests,
  metricNames,
  spansHeld,
  spansPerRequest,
  startUnixNano,
  traceIdIn,
  traceRequest,
} from "./read-buffer.ts";

/** A call of QueryService that `bench:read` measures. */
export interface ReadCase {
  readonly what: string;
  readonly method: string;
  readonly request: (round: number) => object;
  /** Milliseconds of a whole call that are wanted; it is below them or missed. */
  readonly wantedMs?: number;
}

/** The buffer is read in many ways; those that look for one thing look for another one in each round. */
export function readCases(): readonly ReadCase[] {
  const smallTraceRequests = Math.floor(spansHeld / spansPerRequest) - largeTraceRequests;
  const idAt = (round: number) => traceIdIn((round * 997 + 31) % smallTraceRequests);
  const at = (index: number) => new Date(Number(startUnixNano / 1_000_000n) + index * 1000).toISOString();
  const nameOfOne = traceRequest(0).resourceSpans[0]!.scopeSpans[0]!.spans[0]!.name;
  const newest = { since: at(Math.floor((spansHeld - 100_000) / spansPerRequest)) };
  const { counter, histogram } = metricNames;
  return [
    { what: "GetTrace", method: "GetTrace", request: (round) => ({ traceId: idAt(round) }) },
    {
      what: "GetTrace, none there",
      method: "GetTrace",
      request: (round) => ({ traceId: idAt(round).replace(/^.{8}/, "0badc0de") }),
    },
    {
      what: "GetTraceOutline, 80,000 spans",
      method: "GetTraceOutline",
      request: () => ({ traceId: largeTraceId, maxBytes: 2 ** 26 }),
      wantedMs: 500,
    },
    { what: "SearchTraces, newest 100", method: "SearchTraces", request: () => ({ limit: 100 }) },
    {
      what: "SearchTraces, newest 100 before the large one",
      method: "SearchTraces",
      request: () => ({ filter: { until: at(1_700) }, limit: 100 }),
    },
    {
      what: "SearchTraces, newest 100 without an attribute value that most have",
      method: "SearchTraces",
      request: () => ({ without: [{ attributes: { "http.request.method": "GET" } }], limit: 100 }),
    },
    {
      what: "SearchTraces, newest 100 without errors and without a where that none meets",
      method: "SearchTraces",
      request: () => ({
        without: [{ statusCode: "STATUS_CODE_ERROR" }, { where: 'attributes["user.id"] == "u1"' }],
        limit: 100,
      }),
    },
    {
      what: "SearchTraces, all left out by a where",
      method: "SearchTraces",
      request: () => ({ without: [{ where: 'traceId != ""' }], limit: 100 }),
    },
    {
      what: "SearchSpans, one second of time",
      method: "SearchSpans",
      request: (round) => ({ filter: { since: at(round * 61), until: at(round * 61 + 1) }, limit: 1000 }),
    },
    {
      what: "SearchSpans, newest 100 of a name",
      method: "SearchSpans",
      request: () => ({ filter: { name: nameOfOne }, limit: 100 }),
    },
    {
      what: "SearchSpans, no such name",
      method: "SearchSpans",
      request: () => ({ filter: { name: "no such name" } }),
    },
    {
      what: "SearchSpans, no such attribute value",
      method: "SearchSpans",
      request: () => ({ filter: { attributes: { "http.request.method": "NONE" } } }),
      wantedMs: 150,
    },
    {
      what: "SearchSpans, no such attribute key",
      method: "SearchSpans",
      request: () => ({ filter: { attributes: { "user.id": "42" } } }),
      wantedMs: 150,
    },
    {
      what: "SearchSpans, where on the newest 100,000, none met",
      method: "SearchSpans",
      request: () => ({
        filter: {
          ...newest,
          where: 'attributes["http.response.status_code"] == 418 && name.startsWith("GET")',
        },
      }),
      wantedMs: 2_000,
    },
    {
      what: "SummarizeSpans, by service and name",
      method: "SummarizeSpans",
      request: () => ({ groupBy: ["service", "name"] }),
      wantedMs: 250,
    },
    {
      what: "SummarizeSpans, by an attribute",
      method: "SummarizeSpans",
      request: () => ({ groupBy: ["attributes.http.response.status_code"] }),
    },
    {
      what: "CountOverTime",
      method: "CountOverTime",
      request: () => ({ spans: {}, buckets: 60 }),
      wantedMs: 250,
    },
    { what: "GetServiceGraph", method: "GetServiceGraph", request: () => ({}) },
    {
      what: "ListAttributes, newest 10,000 spans",
      method: "ListAttributes",
      request: () => ({ spans: {} }),
    },
    {
      what: "QueryMetric, p99 of a histogram, 250,000 points",
      method: "QueryMetric",
      request: () => ({ name: histogram, function: "p99" }),
    },
    {
      what: "QueryMetric, rate of a counter, 250,000 points",
      method: "QueryMetric",
      request: () => ({ name: counter, function: "rate" }),
    },
    { what: "SearchProfiles, newest 100", method: "SearchProfiles", request: () => ({ limit: 100 }) },
    {
      what: "GetProfile, 100,000 samples",
      method: "GetProfile",
      request: () => ({ profileId: largeProfileId }),
    },
  ];
}
