import type { AcceptedRequest } from "../domain/accepted-request.ts";
import type { Signal } from "../domain/signal.ts";

export type { AcceptedRequest };

/**
 * A destination that accepted telemetry is handed on to: another OTLP endpoint, a broker, a file.
 *
 * `use-cases/hand-on` reads the store and decides what is delivered when, how often it is tried, and what a failure
 * means. A sink carries one delivery over and says what became of it.
 *
 * Order: deliveries may run at the same time, of one signal too. Nothing is promised about their order.
 *
 * At least once: a delivery that ended without `delivered`, `partly-delivered` or `refused` is made again, and what
 * it left at the destination is there twice.
 *
 * Ownership: the bytes are the sink's to read until the promise settles, and never to write.
 */
export interface TelemetrySink {
  /** Its key in settings, figures and the log: a word of a-z, such as "otlp". */
  readonly name: string;

  /**
   * The most bytes of the requests of one delivery together. A request of more is split by its items before; a single
   * item of more is refused without a delivery.
   */
  readonly maxBytes: number;

  /**
   * Hands on some requests of one signal. They stand or fall together: what is said of the delivery is true of all.
   *
   * Never rejects for anything that the destination does. Settles soon after the abort, as `later` unless the outcome
   * is known; it need not wait for what is under way.
   * @param requests in order of arrival, one at least. Where `signalTraits[signal].requestsMerge` is false it is
   *   exactly one; elsewhere `mergeRequests` makes one request of them.
   * @param abort aborts when the delivery has taken too long, or the server has to end
   */
  deliver(signal: Signal, requests: readonly AcceptedRequest[], abort: AbortSignal): Promise<Delivery>;

  /**
   * Lets go of connections and files. Called when no delivery is under way or each has been aborted; none comes
   * afterwards. Further calls do nothing.
   */
  close(): Promise<void>;
}

/**
 * What became of a delivery. A `code` names a reason in a few words that do not come from the destination, since it is
 * shown to everybody: "UNAVAILABLE", "HTTP 503", "ECONNREFUSED". `isFailureCode` says what it may look like.
 */
export type Delivery =
  /** The destination has all items. The sink says what that is worth: acknowledged, replicated, on the disk. */
  | { readonly kind: "delivered" }
  /** The destination has taken the delivery, and has rejected some of its items for good. */
  | { readonly kind: "partly-delivered"; readonly rejected: number }
  /** The destination did not take it, and may take it another time: after `retryAfterMs`, when it said so. */
  | { readonly kind: "later"; readonly code: string; readonly retryAfterMs?: number }
  /**
   * The destination will never take these requests. With `takesNone` it would take no other of the signal either, so
   * that a merged delivery need not be made again request by request. With `isTooLarge` it might take parts of them.
   */
  | {
      readonly kind: "refused";
      readonly code: string;
      readonly takesNone?: boolean;
      readonly isTooLarge?: boolean;
    };

/** What becomes of a delivery that was given up, of which nothing else is known. */
export const abortedDelivery: Delivery = { kind: "later", code: "aborted" };

/** 1 to 40 letters, digits, spaces and _ . - */
export function isFailureCode(code: string): boolean {
  return /^[A-Za-z0-9_.-][A-Za-z0-9_. -]{0,39}$/.test(code);
}
