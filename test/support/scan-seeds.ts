import { toBinary } from "@bufbuild/protobuf";
import type { Signal } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { makeLogsRequest, makeMetricsRequest, makeProfilesRequest, makeTraceRequest } from "./otlp.ts";

/** Sound requests to mutate: with every kind of item, and small, so that one change hits something. */
export const seedRequests: Readonly<Record<Signal, Uint8Array>> = {
  traces: toBinary(requestSchemas.traces, makeTraceRequest({ count: 10, attributesPerSpan: 3 })),
  logs: toBinary(requestSchemas.logs, makeLogsRequest({ count: 6 })),
  metrics: toBinary(requestSchemas.metrics, makeMetricsRequest({ count: 10 })),
  profiles: toBinary(requestSchemas.profiles, makeProfilesRequest({ count: 2 })),
};
