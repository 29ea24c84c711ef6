import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import { LogsService } from "../../../../gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { MetricsService } from "../../../../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ProfilesService } from "../../../../gen/opentelemetry/proto/collector/profiles/v1development/profiles_service_pb.ts";
import { TraceService } from "../../../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import type { Signal } from "../../../domain/signal.ts";
import { requestSchemas } from "../../../otlp/scan/schema-table.ts";
import type { Core } from "../../../use-cases/core.ts";
import { exportResponse } from "../export-response.ts";
import { refuseHexIds } from "./hex-ids.ts";

/**
 * The four OTLP services for every protocol and codec that Connect speaks. A request is decoded by Connect,
 * so it is encoded again for the core; unknown fields survive that.
 */
export function registerExportServices(router: ConnectRouter, core: Core): void {
  const exportOf =
    <S extends Signal>(signal: S) =>
    (request: MessageShape<(typeof requestSchemas)[S]>, { requestHeader }: HandlerContext) => {
      if (isJson(requestHeader)) refuseHexIds(signal, request);
      const bytes = toBinary<DescMessage>(requestSchemas[signal], request);
      const outcome = core.ingest(signal, [bytes], bytes.byteLength);
      if (outcome.kind === "refused") throw outcome.error;
      return exportResponse(signal, outcome);
    };
  router.service(TraceService, { export: exportOf("traces") });
  router.service(LogsService, { export: exportOf("logs") });
  router.service(MetricsService, { export: exportOf("metrics") });
  router.service(ProfilesService, { export: exportOf("profiles") });
}

/** Of Connect (`application/json`), gRPC-Web and gRPC (`application/grpc+json`) alike. */
function isJson(header: Headers): boolean {
  return /[/+]json\s*(?:;|$)/i.test(header.get("content-type") ?? "");
}
