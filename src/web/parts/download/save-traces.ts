import type { CallError } from "../../api/call.ts";
import { fetchOtlpTrace } from "../../api/otlp-trace.ts";
import { countOf, numberText } from "../../format/value.ts";
import { otlpFile } from "./otlp-file.ts";
import { saveFile } from "./save-file.ts";

/** Each is a call of its own. */
const mostTraces = 200;

/**
 * Saves traces as one file of OTLP/JSON.
 * @param traceIds in the order of the list
 * @param tell how it goes
 * @returns what was saved, in words
 */
export async function saveTraces(
  traceIds: readonly string[],
  abort: AbortSignal,
  tell: (words: string) => void,
): Promise<string> {
  const file = otlpFile("resourceSpans");
  let saved = 0;
  let gone = 0;
  for (const traceId of traceIds.slice(0, mostTraces)) {
    try {
      const { resourceSpans = [] } = JSON.parse(await fetchOtlpTrace(traceId, abort));
      if (!file.add(resourceSpans)) break;
      saved++;
    } catch (error) {
      if ((error as CallError).code !== "not_found") throw error;
      gone++;
    }
    tell(`reading ${saved} of ${Math.min(mostTraces, traceIds.length)}`);
  }
  saveFile("traces.json", ...file.parts);
  const all = saved + gone === traceIds.length;
  return [
    all
      ? `saved ${countOf(saved, "trace")}`
      : `saved the first ${numberText(saved)} of ${countOf(traceIds.length, "trace")}`,
    ...(all ? [] : [file.isFull ? "more are too large for one file" : `a file takes ${mostTraces}`]),
    ...(gone > 0 ? [`${countOf(gone, "trace")} went to make room for newer ones`] : []),
  ].join("; ");
}
