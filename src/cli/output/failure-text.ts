import type { SecondsAndNanos } from "../api/proto-time.ts";
import { timePiece } from "./clock-time.ts";
import type { View } from "./line.ts";

/** The last failure of a sink. */
interface SinkFailure {
  readonly state: string;
  /** Empty when nothing has failed. */
  readonly lastFailure: string;
  readonly lastFailureTime?: SecondsAndNanos | undefined;
}

/** Code and time of a sink's last failure, and whether it is over: `ECONNREFUSED at 10:34:58.069 (over)`. */
export function failureText({ state, lastFailure, lastFailureTime }: SinkFailure, view: View): string {
  const at = lastFailureTime === undefined ? "" : ` at ${timePiece(lastFailureTime, view).text}`;
  return lastFailure === "" ? "" : `${lastFailure}${at}${state === "ok" ? " (over)" : ""}`;
}
