import type { JSX } from "preact";
import { exactTime, parseTime } from "../format/time.ts";
import { zone } from "../state/address.ts";

/** A time to the nanosecond, in the zone that is chosen. @param time as the API writes it */
export function ExactTime({ time }: { readonly time: string | undefined }): JSX.Element {
  const nanos = parseTime(time);
  return <span class="mono">{nanos === undefined ? "no time" : exactTime(nanos, zone.value)}</span>;
}
