import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type FoundSpans, findSpans } from "./trace-data.ts";

/** So long a person has typed nothing. */
const pauseMs = 200;

interface ServerSearch extends FoundSpans {
  /** Whether the server has not answered yet. */
  readonly busy: boolean;
  /** Why the server found nothing; "" when it did not fail. */
  readonly failure: string;
}

const nothing: ServerSearch = { ids: new Set(), cut: false, busy: false, failure: "" };

/**
 * The spans in which the server finds a text.
 * @param text "" finds nothing, and asks nothing
 * @param held stands for the spans that are held: where it is another one they are searched again
 */
export function useFoundSpans(traceId: string, text: string, held: string): ServerSearch {
  const search = useSignal(nothing);
  const last = useRef("");
  useEffect(() => {
    // What was found stays found while more is looked for.
    const known = last.current === text ? search.peek() : nothing;
    last.current = text;
    search.value = { ...known, busy: text !== "" };
    if (text === "") return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      findSpans(traceId, text, abort.signal).then(
        (found) => {
          search.value = { ...nothing, ...found };
        },
        (error: Error) => {
          if (!abort.signal.aborted) search.value = { ...nothing, failure: error.message };
        },
      );
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [traceId, text, held]);
  return search.value;
}
