import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { countOf } from "../../format/value.ts";
import { shortNs } from "./durations.ts";
import type { TraceData } from "./trace-data.ts";
import { type SpanNode, skewOf } from "./waterfall.ts";

interface TraceNoticesProps {
  readonly data: TraceData;
  readonly nodes: readonly SpanNode[];
}

/** What of a trace is not there, or not as it was. */
export function TraceNotices({ data, nodes }: TraceNoticesProps): JSX.Element {
  const { leftOut = 0 } = data.outline;
  const { orphans, skewed, mostNs } = useMemo(() => {
    const skews = nodes.map((node) => skewOf(nodes, node)).filter((skew) => skew > 0);
    return {
      orphans: nodes.filter(({ orphan }) => orphan).length,
      skewed: skews.length,
      mostNs: skews.reduce((most, skew) => Math.max(most, skew), 0),
    };
  }, [nodes]);
  return (
    <>
      {leftOut > 0 && (
        <p class="notice">{countOf(leftOut, "span")} of this trace are not shown: it is too large.</p>
      )}
      {orphans > 0 && (
        <p class="notice">
          {countOf(orphans, "span")} marked ⚠ name a parent that is not held: it has not come yet, went to
          make room, or its service does not send here.
        </p>
      )}
      {skewed > 0 && (
        <p class="notice">
          {countOf(skewed, "span")} of another service than the one above began before it, by{" "}
          {shortNs(mostNs)} at most: the clocks of these machines differ. Times are shown as they were sent.
        </p>
      )}
      {data.moreLogs && (
        <p class="notice">Only the newest {data.logs.length} log records are shown in line.</p>
      )}
    </>
  );
}
