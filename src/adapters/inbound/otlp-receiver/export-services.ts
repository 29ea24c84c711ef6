import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import { LogsService } from "../../../../gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { MetricsService } from "../../../../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ProfilesService } from "../../../../gen/opentelemetry/proto/collector/profiles/v1development/profiles_service_pb.ts";
import { TraceService } from "../../../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { ObsvtyError } from "../../../domain/errors.ts";
import { type Fault, InjectedFault } from "../../../domain/fault.ts";
import type { Signal } from "../../../domain/signal.ts";
import { type Transport, transports } from "../../../domain/transport.ts";
import { requestSchemas } from "../../../otlp/services.ts";
import type { Core } from "../../../use-cases/core.ts";
import { callOf } from "../connect/call.ts";
import { connectionOf } from "../listener/peer.ts";
import { exportResponse } from "./export-response.ts";
import { withAllegedRejection } from "./faults/injected-partial-success.ts";
import { pause } from "./faults/pause.ts";
import { resetConnection } from "./faults/reset-connection.ts";
import { refuseHexIds } from "./hex-ids.ts";

/**
 * The four OTLP services for every protocol and codec that Connect speaks. A request is decoded by Connect,
 * so it is encoded again for the core; unknown fields survive that.
 */
export function registerExportServices(router: ConnectRouter, core: Core): void {
  const exportOf =
    <S extends Signal>(signal: S) =>
    async (request: MessageShape<(typeof requestSchemas)[S]>, context: HandlerContext) => {
      const alleged = await suffer(core.faults?.take(signal), context);
      if (isJson(context.requestHeader)) refuseHexIds(signal, request);
      const bytes = toBinary<DescMessage>(requestSchemas[signal], request);
      const outcome = await core.ingest(signal, [bytes], bytes.byteLength, transportOf(context));
      if (outcome.kind === "refused") throw outcome.error;
      return exportResponse(signal, alleged === undefined ? outcome : withAllegedRejection(outcome, alleged));
    };
  router.service(TraceService, { export: exportOf("traces") });
  router.service(LogsService, { export: exportOf("logs") });
  router.service(MetricsService, { export: exportOf("metrics") });
  router.service(ProfilesService, { export: exportOf("profiles") });
}

/**
 * Does to a call what a script says, all but the partial success, which is for the answer.
 * @throws ObsvtyError `injected-fault`
 */
async function suffer(
  fault: Fault | undefined,
  { signal, values }: HandlerContext,
): Promise<Extract<Fault, { kind: "partial-success" }> | undefined> {
  switch (fault?.kind) {
    case undefined:
      return undefined;
    case "status":
      throw new InjectedFault(fault);
    case "partial-success":
      return fault;
    case "delay":
      await pause(fault.delayMs, [signal]);
      signal.throwIfAborted();
      return undefined;
    case "reset": {
      const raw = callOf({ contextValues: values })?.request.raw;
      resetConnection(raw && connectionOf(raw));
      throw new ObsvtyError("injected-fault", "connection reset");
    }
  }
}

/** Connect names its protocols as we do. */
function transportOf({ protocolName }: HandlerContext): Transport {
  return transports.find((transport) => transport === protocolName) ?? "connect";
}

/** Of Connect (`application/json`), gRPC-Web and gRPC (`application/grpc+json`) alike. */
function isJson(header: Headers): boolean {
  return /[/+]json\s*(?:;|$)/i.test(header.get("content-type") ?? "");
}
