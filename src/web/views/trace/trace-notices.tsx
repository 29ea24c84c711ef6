import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { countOf, numberText } from "../../format/value.ts";
import { shortNs } from "./durations.ts";
import { skewOf } from "./span-nodes.ts";
import type { TraceData } from "./trace-data.ts";

interface TraceNoticesProps {
  readonly data: TraceData;
  /** The id of a span that the address names and that is not held; else "". */
  readonly missing: string;
  /** The address names a log record or an event that is not shown. */
  readonly isMarkMissing: boolean;
}

/** What of a trace is not there, or not as it was. */
export function TraceNotices({ data, missing, isMarkMissing }: TraceNoticesProps): JSX.Element {
  const { nodes } = data;
  const { leftOut = 0, unreadable } = data.outline;
  const { orphans, circular, skewed, mostNs } = useMemo(() => {
    const skews = nodes.map((node) => skewOf(nodes, node)).filter((skew) => skew > 0);
    return {
      orphans: nodes.filter(({ orphan }) => orphan).length,
      circular: nodes.filter((node) => node.circular).length,
      skewed: skews.length,
      mostNs: skews.reduce((most, skew) => Math.max(most, skew), 0),
    };
  }, [nodes]);
  return (
    <>
      {data.unread > leftOut && (
        <p class="notice">
          Events are shown in line of{" "}
          {data.spans.size === 0 ? "no span" : `${countOf(data.spans.size, "span")} alone`}: the trace is too
          large to be read at once. The detail of a span has its own.
        </p>
      )}
      {leftOut > 0 && (
        <p class="notice">The trace is too large to be shown whole: {countOf(leftOut, "span")} left out.</p>
      )}
      {orphans > 0 && (
        <p class="notice">
          {countOf(orphans, "span")} marked ⚠: the parent is not held; {whyMissing(data.evicted)}.
        </p>
      )}
      {circular > 0 && (
        <p class="notice">
          {countOf(circular, "span")} marked ⚠: the parent is the span itself, or below it, so that it stands
          at the top.
        </p>
      )}
      {missing !== "" && (
        <p class="notice">
          The address names the span <span class="mono">{missing}</span>, which is not shown:{" "}
          {leftOut > 0 ? "it may be one of those that are left out" : "this trace has none of this id"}.
        </p>
      )}
      {isMarkMissing && (
        <p class="notice">
          The address names a log record or an event that is not shown in line here: it is not held, or is not
          one of those that were read.
        </p>
      )}
      {Number(unreadable ?? 0) > 0 && (
        <p class="notice">
          {countOf(Number(unreadable), "span")} cannot be decoded, and may be of this trace.
        </p>
      )}
      {skewed > 0 && (
        <p class="notice">
          {countOf(skewed, "span")} of another service than the one above began before it, by{" "}
          {shortNs(mostNs)} at most: the clocks of these machines differ. Times are shown as they were sent.
        </p>
      )}
      {data.moreLogs && (
        <p class="notice">Only the newest {numberText(data.logs.length)} log records are shown in line.</p>
      )}
    </>
  );
}

/** @param evicted how many spans went to make room since the server started; undefined when that is not known */
function whyMissing(evicted: number | undefined): string {
  const ways = "it has not come yet, or its service does not send here";
  if (evicted === undefined) return ways;
  if (evicted === 0) return `${ways}; the server has not dropped any span since it started`;
  return `it is one of ${countOf(evicted, "span")} that went to make room, has not come yet, or its service does not send here`;
}
