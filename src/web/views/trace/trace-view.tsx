import type { JSX } from "preact";
import { hrefTo, route } from "../../state/address.ts";
import { OpenTrace } from "./open-trace.tsx";
import { useFollowedTrace } from "./use-followed-trace.ts";
import "../../styles/trace.css";

export function TraceView(): JSX.Element {
  const traceId = route.value.id.toLowerCase();
  const { data, failure, ...state } = useFollowedTrace(traceId);
  if (data !== undefined) return <OpenTrace traceId={traceId} data={data} {...state} />;
  return (
    <section class="view" aria-label="Trace">
      <p class="empty" role="status">
        {failure !== "" && (
          <>
            {failure} <a href={hrefTo({ view: "traces" })}>All traces</a>
          </>
        )}
      </p>
    </section>
  );
}
