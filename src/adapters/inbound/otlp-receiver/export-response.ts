import { create, type MessageShape } from "@bufbuild/protobuf";
import type { IngestOutcome } from "../../../domain/outcome.ts";
import type { Signal } from "../../../domain/signal.ts";
import { responseSchemas } from "../../../otlp/services.ts";

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
