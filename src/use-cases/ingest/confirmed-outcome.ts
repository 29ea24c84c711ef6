import { ObsvtyError } from "../../domain/errors.ts";
import type { IngestOutcome, KeptOutcome } from "../../domain/outcome.ts";
import { type Signal, signalTraits } from "../../domain/signal.ts";
import type { Confirmation } from "../hand-on/confirmations.ts";

/** What an export is answered that was kept, and has waited for a sink to confirm it. */
export function confirmedOutcome(
  signal: Signal,
  kept: KeptOutcome,
  confirmation: Confirmation,
): IngestOutcome {
  switch (confirmation.kind) {
    case "confirmed":
      return confirmation.refused === 0 ? kept : withRefused(signal, kept, confirmation.refused);
    case "refused":
      return refused(new ObsvtyError("sink-refused", `not handed on: ${confirmation.code}`));
    case "missed":
      return refused(new ObsvtyError("unconfirmed", "evicted before it was handed on"));
    case "late":
      return refused(new ObsvtyError("unconfirmed", "not handed on in time"));
  }
}

function withRefused(signal: Signal, kept: KeptOutcome, count: number): KeptOutcome {
  const { one, many } = signalTraits[signal].itemNoun;
  const message = `${count} ${count === 1 ? one : many} rejected where they were handed on to`;
  return kept.kind === "accepted"
    ? { kind: "partly-accepted", items: kept.items - count, rejected: count, message }
    : {
        kind: "partly-accepted",
        items: kept.items - count,
        rejected: kept.rejected + count,
        message: `${kept.message}; ${message}`,
      };
}

function refused(error: ObsvtyError): IngestOutcome {
  return { kind: "refused", error };
}
