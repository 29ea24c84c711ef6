import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
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

/** The spans in which the server finds a text. @param text "" finds nothing, and asks nothing */
export function useFoundSpans(traceId: string, text: string): ServerSearch {
  const search = useSignal(nothing);
  useEffect(() => {
    search.value = { ...nothing, busy: text !== "" };
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
  }, [traceId, text]);
  return search.value;
}
