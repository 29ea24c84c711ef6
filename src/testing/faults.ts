import type { Signal } from "../domain/signal.ts";
import type { Duration } from "./filters.ts";
import type { FailureStatus } from "./status.ts";

/**
 * What is done to the next exports, as in `FaultService` of the API. A rule has one of `status`, `partialSuccess`,
 * `delay` and `reset`.
 * @example
 * { signal: "traces", times: 2, status: "RESOURCE_EXHAUSTED", retryDelay: "1s" }
 */
export interface FaultRule {
  /** @default any signal */
  readonly signal?: Signal | undefined;
  /** For how many exports. @default 1 */
  readonly times?: number | undefined;
  /** The export is refused with this code, over HTTP with its HTTP status: 503 for UNAVAILABLE. It is not kept. */
  readonly status?: FailureStatus | undefined;
  /** With `status`: tells the exporter when to try again. */
  readonly retryDelay?: Duration | undefined;
  /** With `status`: what the exporter is told. */
  readonly message?: string | undefined;
  /** The export is kept, and the answer says that items of it were rejected. */
  readonly partialSuccess?: { readonly rejected?: number; readonly message?: string } | undefined;
  /** The export is kept and answered after this time. */
  readonly delay?: Duration | undefined;
  /** The connection is reset without an answer. */
  readonly reset?: true | undefined;
}

/** Makes exports fail on purpose. */
export interface Faults {
  /**
   * Replaces the script. Each export uses up one time of the first rule that is for its signal.
   * @throws TypeError that names the rule which makes no sense
   * @example
   * receiver.faults.script([
   *   { signal: "traces", times: 2, status: "UNAVAILABLE", retryDelay: 50 },
   *   { partialSuccess: { rejected: 1, message: "too old" } },
   *   { delay: "0.2s" },
   *   { reset: true },
   * ]);
   */
  script(rules: readonly FaultRule[]): void;
  /** The rules that no export has used up, as the API shows them. Empty when all of the script has happened. */
  left(): readonly FaultRule[];
  /** Forgets the script. */
  clear(): void;
}
