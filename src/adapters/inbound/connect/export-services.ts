import { toBinary } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { LogsService } from "../../../../gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { MetricsService } from "../../../../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ProfilesService } from "../../../../gen/opentelemetry/proto/collector/profiles/v1development/profiles_service_pb.ts";
import { TraceService } from "../../../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import type { Signal } from "../../../domain/signal.ts";
import { requestSchemas } from "../../../otlp/scan/schema-table.ts";
import type { Core } from "../../../use-cases/core.ts";
import { exportResponse } from "../export-response.ts";

/**
 * The four OTLP services for every protocol and codec that Connect speaks. A request is decoded by Connect,
 * so it is encoded again for the core; unknown fields survive that.
 */
export function registerExportServices(router: ConnectRouter, core: Core): void {
  const ingest = (signal: Signal, bytes: Uint8Array) => {
    const outcome = core.ingest(signal, [bytes], bytes.byteLength);
    if (outcome.kind === "refused") throw outcome.error;
    return outcome;
  };
  router.service(TraceService, {
    export: (request) => exportResponse("traces", ingest("traces", toBinary(requestSchemas.traces, request))),
  });
  router.service(LogsService, {
    export: (request) => exportResponse("logs", ingest("logs", toBinary(requestSchemas.logs, request))),
  });
  router.service(MetricsService, {
    export: (request) =>
      exportResponse("metrics", ingest("metrics", toBinary(requestSchemas.metrics, request))),
  });
  router.service(ProfilesService, {
    export: (request) =>
      exportResponse("profiles", ingest("profiles", toBinary(requestSchemas.profiles, request))),
  });
}
