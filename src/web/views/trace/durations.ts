import { shortDuration } from "../../format/time.ts";

/** A time within a trace: a number holds it exactly. */
export function shortNs(nanos: number): string {
  return shortDuration(BigInt(Math.round(nanos)));
}
