import { useMemo, useRef } from "preact/hooks";
import type { SignalStatsJson } from "../../../gen/obsvty/v1/query_pb.ts";
import { newestHeld } from "../state/live-rows.ts";
import type { LiveList } from "./live.ts";

/**
 * The rows of a list without those that have surely been evicted since, unless rows must not move.
 * @param figures of the signal, when they are known
 */
export function useHeldRows<Item>(
  { rows, still }: LiveList<Item>,
  figures: SignalStatsJson | undefined,
): readonly Item[] {
  const { shown } = rows.value;
  const isEvicting = Number(figures?.evicted ?? 0) > 0;
  const most = isEvicting && !still.value ? Number(figures?.items ?? 0) : 0;
  return useMemo(() => newestHeld(shown, most), [shown, most]);
}

/**
 * Words for a list that may show what is not held any more: items were evicted since it began, and it cannot know which of
 * its rows they were.
 * @param key another key begins anew: it has all that begins the list anew
 */
export function useEvictedWords(key: string, figures: SignalStatsJson | undefined): string {
  const begun = useRef({ key, evicted: Number.POSITIVE_INFINITY });
  if (figures === undefined) return "";
  const evicted = Number(figures.evicted);
  if (begun.current.key !== key || evicted < begun.current.evicted) begun.current = { key, evicted };
  return evicted > begun.current.evicted ? ", some perhaps evicted since" : "";
}
