import type { Fault } from "../../../../domain/fault.ts";
import type { Received } from "../export-response.ts";

/** Adds the rejection that a fault rule asks for to what really became of the request. */
export function withInjectedRejection(
  outcome: Received,
  injected: Extract<Fault, { kind: "partial-success" }>,
): Received {
  const { items } = outcome;
  return outcome.kind === "accepted"
    ? { kind: "partly-accepted", items, rejected: injected.rejected, message: injected.message }
    : {
        kind: "partly-accepted",
        items,
        rejected: outcome.rejected + injected.rejected,
        message: `${outcome.message}; ${injected.message}`,
      };
}
