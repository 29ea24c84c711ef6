import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { CallError } from "../../api/call.ts";
import { repeat } from "../../api/repeat.ts";
import { countOf } from "../../format/value.ts";
import { evictedSpans, readTrace, type TraceData, traceQuestions } from "./trace-data.ts";
import { traceWatch, watchPause } from "./trace-watch.ts";
import { lostSpans, type Went } from "./went.ts";

const gone =
  "The server does not hold this trace any more: it was started anew, or the trace went to make room. What was read of it stays here until the view is left or the trace comes again.";

/** A trace as it was read, and what becomes of it while it is open. */
export function useFollowedTrace(traceId: string) {
  const data = useSignal<TraceData | undefined>(undefined);
  const went = useSignal<Went | undefined>(undefined);
  /** Why nothing could be read; else "". */
  const failure = useSignal("");
  /** Why what was read may not be what the server holds now; else "". */
  const stale = useSignal("");
  const readings = useSignal(0);

  useEffect(() => {
    data.value = undefined;
    went.value = undefined;
    failure.value = "";
    stale.value = "";
    if (!/^[0-9a-f]{32}$/.test(traceId)) {
      failure.value = "The address has no trace id, which is 32 hex digits.";
      return undefined;
    }
    let round = new AbortController().signal;
    const watch = traceWatch(
      traceQuestions(traceId, () => round),
      () => performance.now(),
    );
    let newsMs = performance.now();
    const show = (read: TraceData) => {
      data.value = read;
      went.value = undefined;
      watch.begin(placeOf(read), true);
      newsMs = performance.now();
    };
    const follow = async (shown: TraceData) => {
      const { came, lost = 0, how } = await watch.look();
      const before = went.peek();
      if (came === "other run") return show(await readTrace(traceId, round));
      if (came === "something" || (lost > 0 && before !== undefined && before.added > 0)) {
        const later = await readTrace(traceId, round);
        const lostNow = lostSpans(shown.nodes, later.nodes);
        if (lostNow === 0 || later.outline.leftOut) return show(later);
        watch.begin(placeOf(later), false);
        const added = later.nodes.length - (shown.nodes.length - lostNow);
        went.value = { lost: lostNow, added, how };
        newsMs = performance.now();
      } else if (lost > 0 && lost !== before?.lost) {
        went.value = { lost, added: 0, how };
        newsMs = performance.now();
      }
    };
    return repeat(
      async (abort) => {
        round = abort;
        const shown = data.peek();
        try {
          if (shown === undefined) show(await readTrace(traceId, abort));
          else await follow(shown);
          failure.value = "";
          stale.value = "";
        } catch (error) {
          if (abort.aborted) return;
          const { code, message, trouble } = error as CallError;
          if (trouble !== undefined) throw error;
          if (shown !== undefined) {
            const isGone = code === "not_found";
            if (isGone) went.value = undefined;
            stale.value = isGone ? gone : `This trace is not kept up to date: ${message}.`;
            return;
          }
          failure.value = code === "not_found" ? `${message}. ${await whyNotHeld(abort)}` : `${message}.`;
        }
      },
      () => watchPause(performance.now() - newsMs),
    );
  }, [traceId, readings.value]);

  return {
    data: data.value,
    went: went.value,
    failure: failure.value,
    stale: stale.value,
    /** Shows what the server holds now. */
    readAgain: () => {
      readings.value += 1;
    },
  };
}

function placeOf({ outline, logsCursor }: TraceData) {
  return { spansCursor: outline.cursor ?? "", logsCursor, spanCount: outline.spanCount ?? 0 };
}

async function whyNotHeld(abort: AbortSignal): Promise<string> {
  const evicted = await evictedSpans(abort).catch(() => undefined);
  if (evicted === 0) return "It never came since the server started: nothing has gone to make room.";
  const many = evicted === undefined ? "" : ` ${countOf(evicted, "span")} have since the server started.`;
  return `It may have gone to make room for newer ones.${many}`;
}
