import { ObsvtyError } from "./errors.ts";
import type { Signal } from "./signal.ts";

/** The number of a canonical status code other than OK: 1 (CANCELLED) to 16 (UNAUTHENTICATED). */
export type FailureStatus = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16;

export function isFailureStatus(code: number): code is FailureStatus {
  return Number.isInteger(code) && code >= 1 && code <= 16;
}

/** What is done to an export on purpose. */
export type Fault =
  /** It is refused with this status. */
  | {
      readonly kind: "status";
      readonly status: FailureStatus;
      readonly message: string;
      readonly retryAfterMs?: number;
    }
  /** It is taken in, and the answer says that so many of its items were rejected. */
  | { readonly kind: "partial-success"; readonly rejected: number; readonly message: string }
  /** It is taken in so much later. */
  | { readonly kind: "delay"; readonly delayMs: number }
  /** Its connection is reset, without an answer. */
  | { readonly kind: "reset" };

/** One step of a script of failures. */
export interface FaultRule {
  /** Unset: any signal. */
  readonly signal?: Signal;
  /** To how many exports it is done. */
  readonly times: number;
  readonly fault: Fault;
}

/** The refusal that a script asked for, with a status of its choice. */
export class InjectedFault extends ObsvtyError {
  readonly status: FailureStatus;

  constructor({ status, message, retryAfterMs }: Extract<Fault, { kind: "status" }>) {
    super("injected-fault", message, retryAfterMs === undefined ? {} : { retryAfterMs });
    this.status = status;
  }
}
