import type { Delivery } from "../../ports/telemetry-sink.ts";

/**
 * What a failure means for the requests that were sent:
 * - `retry`: the failure may pass by itself, and soon.
 * - `retry-or-split`: as `retry` when the answer names a time to try again, as `too-large` when it names none.
 * - `config`: whoever runs the servers has to mend something, such as a wrong password or an expired token.
 * - `refused`: these requests will never be taken.
 * - `too-large`: these requests will never be taken, but parts of them might be.
 * - `none`: no other request of the signal would be taken either.
 */
export type Fate = "retry" | "retry-or-split" | "config" | "refused" | "too-large" | "none";

/** @param code see `Delivery` */
export function failedDelivery(code: string, fate: Fate, retryAfterMs?: number): Delivery {
  switch (fate) {
    case "retry":
    case "config":
      return retryAfterMs === undefined ? { kind: "later", code } : { kind: "later", code, retryAfterMs };
    case "retry-or-split":
      return failedDelivery(code, retryAfterMs === undefined ? "too-large" : "retry", retryAfterMs);
    case "refused":
      return { kind: "refused", code };
    case "too-large":
      return { kind: "refused", code, isTooLarge: true };
    case "none":
      return { kind: "refused", code, takesNone: true };
  }
}
