import type { JSX } from "preact";
import { loneTime } from "../../format/dates.ts";
import { shortDuration } from "../../format/time.ts";
import { numberText } from "../../format/value.ts";
import { zone } from "../../state/address.ts";
import type { ScatterPoint } from "./scatter.ts";
import { figuresOf } from "./trace-figures.ts";

/** What the point under the pointer is. */
export function ScatterHint({
  point: { trace, x, y, failed },
}: {
  readonly point: ScatterPoint;
}): JSX.Element {
  const { start = 0n, duration = 0n } = figuresOf(trace);
  return (
    <span
      class={`hint${x > 0.5 ? " before" : ""}${y > 0.5 ? " above" : ""}`}
      style={{ left: `${x * 100}%`, top: `${y * 100}%` }}
    >
      <b>{trace.rootName || trace.firstSpanName || "(no name)"}</b> {shortDuration(duration)}
      <br />
      {loneTime(start, zone.value)}{" "}
      {failed && <span class="error">✗ {numberText(trace.errorCount ?? 0)}</span>}
    </span>
  );
}
