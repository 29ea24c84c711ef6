import { ObsvtyError } from "./errors.ts";
import type { Signal } from "./signal.ts";

/** The number of a canonical status code other than OK: 1 (CANCELLED) to 16 (UNAUTHENTICATED). */
export type FailureStatus = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16;

export function isFailureStatus(code: number): code is FailureStatus {
  return Number.isInteger(code) && code >= 1 && code <= 16;
}

/** A failure that is injected into an export. */
export type Fault =
  /** The export is refused with this status. */
  | {
      readonly kind: "status";
      readonly status: FailureStatus;
      readonly message: string;
      readonly retryAfterMs?: number;
    }
  /** The export is accepted, and the answer says that this many of its items were rejected. */
  | { readonly kind: "partial-success"; readonly rejected: number; readonly message: string }
  /** The export is served after this delay. */
  | { readonly kind: "delay"; readonly delayMs: number }
  /** The connection is reset without an answer. */
  | { readonly kind: "reset" };

/** One rule of a script of failures. */
export interface FaultRule {
  /** The rule is for any signal when it is absent. */
  readonly signal?: Signal;
  /** How many exports it is used for. */
  readonly times: number;
  readonly fault: Fault;
}

/** The refusal that a rule asks for. */
export class InjectedFault extends ObsvtyError {
  readonly status: FailureStatus;

  constructor({ status, message, retryAfterMs }: Extract<Fault, { kind: "status" }>) {
    super("injected-fault", message, retryAfterMs === undefined ? {} : { retryAfterMs });
    this.status = status;
  }
}
