import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { ExportLogsServiceResponseSchema } from "../../../../gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { ExportMetricsServiceResponseSchema } from "../../../../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ExportProfilesServiceResponseSchema } from "../../../../gen/opentelemetry/proto/collector/profiles/v1development/profiles_service_pb.ts";
import { ExportTraceServiceResponseSchema } from "../../../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import type { IngestOutcome } from "../../../domain/outcome.ts";
import type { Signal } from "../../../domain/signal.ts";

/** What the `Export` method of each signal answers. */
export const responseSchemas = {
  traces: ExportTraceServiceResponseSchema,
  logs: ExportLogsServiceResponseSchema,
  metrics: ExportMetricsServiceResponseSchema,
  profiles: ExportProfilesServiceResponseSchema,
} as const satisfies Record<Signal, DescMessage>;

/**
 * The answer to a request that was not refused. On full success `partial_success` stays unset (OTLP 1.11,
 * "Full Success").
 */
export function exportResponse<S extends Signal>(
  signal: S,
  outcome: Exclude<IngestOutcome, { kind: "refused" }>,
): MessageShape<(typeof responseSchemas)[S]> {
  const response = respond[signal](outcome);
  return response as MessageShape<(typeof responseSchemas)[S]>;
}

type Accepted = Exclude<IngestOutcome, { kind: "refused" }>;

function rejection(outcome: Accepted): { count: bigint; errorMessage: string } | undefined {
  return outcome.kind === "accepted"
    ? undefined
    : { count: BigInt(outcome.rejected), errorMessage: outcome.message };
}

const respond = {
  traces: (outcome) => {
    const rejected = rejection(outcome);
    return create(
      responseSchemas.traces,
      rejected && { partialSuccess: { rejectedSpans: rejected.count, errorMessage: rejected.errorMessage } },
    );
  },
  logs: (outcome) => {
    const rejected = rejection(outcome);
    return create(
      responseSchemas.logs,
      rejected && {
        partialSuccess: { rejectedLogRecords: rejected.count, errorMessage: rejected.errorMessage },
      },
    );
  },
  metrics: (outcome) => {
    const rejected = rejection(outcome);
    return create(
      responseSchemas.metrics,
      rejected && {
        partialSuccess: { rejectedDataPoints: rejected.count, errorMessage: rejected.errorMessage },
      },
    );
  },
  profiles: (outcome) => {
    const rejected = rejection(outcome);
    return create(
      responseSchemas.profiles,
      rejected && {
        partialSuccess: { rejectedProfiles: rejected.count, errorMessage: rejected.errorMessage },
      },
    );
  },
} satisfies { [S in Signal]: (outcome: Accepted) => MessageShape<(typeof responseSchemas)[S]> };
