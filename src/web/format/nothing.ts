import type { SignalStatsJson } from "../../../gen/obsvty/v1/query_pb.ts";
import { countOf, numberText } from "./value.ts";

/**
 * What an empty view says: that nothing came yet, or that all of it is gone.
 * @param one item, such as `log record`
 * @param figures of its signal, when they are known
 * @param hint for who waits for the first one
 */
export function nothingText(one: string, figures: SignalStatsJson | undefined, hint: string): string {
  const accepted = Number(figures?.accepted ?? 0);
  if (accepted === 0) return `No ${one} is held. ${hint}`;
  const gone = `No ${one} is held any more: all of ${numberText(accepted)} were`;
  return Number(figures?.evicted ?? 0) < accepted
    ? `${gone} evicted or cleared. New ones appear here as they come.`
    : `${gone} evicted to make room for newer ones. A larger MAX_BUFFER_SIZE or MAX_BUFFER_BYTES keeps more.`;
}

/** What a list that a filter leaves empty says of what went before; "" for nothing. @param evicted as the API has it */
export function wentText(one: string, evicted = "0"): string {
  const count = Number(evicted);
  return count === 0
    ? ""
    : ` ${countOf(count, one)} went to make room for newer ones: a larger MAX_BUFFER_SIZE keeps more.`;
}
