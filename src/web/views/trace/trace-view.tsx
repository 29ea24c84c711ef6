import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { CallError } from "../../api/call.ts";
import { repeat } from "../../api/repeat.ts";
import { countOf } from "../../format/value.ts";
import { hrefTo, route } from "../../state/address.ts";
import { OpenTrace } from "./open-trace.tsx";
import { evictedSpans, hasMore, readTrace, type TraceData } from "./trace-data.ts";
import "../../styles/trace.css";

const gone =
  "The server does not hold this trace any more: it was started anew, or the trace went to make room. What was read of it stays here until the view is left.";

export function TraceView(): JSX.Element {
  const traceId = route.value.id.toLowerCase();
  const data = useSignal<TraceData | undefined>(undefined);
  const failure = useSignal("");
  /** Why what was read may not be what the server holds now; else "". */
  const stale = useSignal("");

  useEffect(() => {
    data.value = undefined;
    failure.value = "";
    stale.value = "";
    if (!/^[0-9a-f]{32}$/.test(traceId)) {
      failure.value = "The address has no trace id, which is 32 hex digits.";
      return undefined;
    }
    return repeat(async (abort) => {
      try {
        const before = data.peek();
        if (before === undefined || (await hasMore(traceId, before, abort))) {
          data.value = await readTrace(traceId, abort);
        }
        failure.value = "";
        stale.value = "";
      } catch (error) {
        if (abort.aborted) return;
        const { code, message, trouble } = error as CallError;
        if (trouble !== undefined) throw error;
        if (data.peek() !== undefined) {
          stale.value = code === "not_found" ? gone : `This trace is not kept up to date: ${message}.`;
          return;
        }
        failure.value = code === "not_found" ? `${message}. ${await whyNotHeld(abort)}` : `${message}.`;
      }
    }, 1_000);
  }, [traceId]);

  if (data.value === undefined) {
    return (
      <section class="view" aria-label="Trace">
        <p class="empty" role="status">
          {failure.value !== "" && (
            <>
              {failure.value} <a href={hrefTo({ view: "traces" })}>All traces</a>
            </>
          )}
        </p>
      </section>
    );
  }
  return <OpenTrace traceId={traceId} data={data.value} stale={stale.value} />;
}

async function whyNotHeld(abort: AbortSignal): Promise<string> {
  const evicted = await evictedSpans(abort).catch(() => undefined);
  if (evicted === 0) return "It never came since the server started: nothing has gone to make room.";
  const many = evicted === undefined ? "" : ` ${countOf(evicted, "span")} have since the server started.`;
  return `It may have gone to make room for newer ones.${many}`;
}
