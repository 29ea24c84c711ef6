import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { findSpans } from "./trace-data.ts";

/** So long a person has typed nothing. */
const pauseMs = 200;

/** The ids of the spans in which the server finds a text. @param text "" finds nothing, and asks nothing */
export function useFoundSpans(traceId: string, text: string): ReadonlySet<string> {
  const found = useSignal<ReadonlySet<string>>(new Set());
  useEffect(() => {
    found.value = new Set();
    if (text === "") return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      findSpans(traceId, text, abort.signal).then(
        (ids) => {
          found.value = ids;
        },
        // Names, services and ids are found all the same.
        () => {},
      );
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [traceId, text]);
  return found.value;
}
