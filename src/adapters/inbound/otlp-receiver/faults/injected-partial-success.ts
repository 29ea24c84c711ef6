import type { Fault } from "../../../../domain/fault.ts";
import type { IngestOutcome } from "../../../../domain/outcome.ts";

type Received = Exclude<IngestOutcome, { kind: "refused" }>;

/** What to answer when a script says that items were rejected: beside those that really were. */
export function withAllegedRejection(
  outcome: Received,
  alleged: Extract<Fault, { kind: "partial-success" }>,
): Received {
  const { items } = outcome;
  return outcome.kind === "accepted"
    ? { kind: "partly-accepted", items, rejected: alleged.rejected, message: alleged.message }
    : {
        kind: "partly-accepted",
        items,
        rejected: outcome.rejected + alleged.rejected,
        message: `${outcome.message}; ${alleged.message}`,
      };
}
