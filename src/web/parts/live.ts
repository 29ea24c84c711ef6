import { type ReadonlySignal, type Signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { SignalStatsJson } from "../../../gen/obsvty/v1/query_pb.ts";
import { type CallError, refusesCursor } from "../api/call.ts";
import { figuresPace, listPace } from "../api/pace.ts";
import { repeat } from "../api/repeat.ts";
import { figuresOf, sharedStats } from "../api/shared-stats.ts";
import { clearedItems } from "../state/cleared-items.ts";
import {
  listPauseMs,
  nextPlace,
  noRows,
  type Page,
  type PagePlace,
  placeOfSkipped,
  type RowRules,
  type Rows,
  released,
  withOlder,
  withPage,
} from "../state/live-rows.ts";

export interface LiveList<Item> {
  readonly rows: Signal<Rows<Item>>;
  /** The person has paused it. */
  readonly paused: Signal<boolean>;
  /** The pointer is where rows must not move. */
  readonly busy: Signal<boolean>;
  /** The rows are scrolled away from the newest: they must not move while they are read. */
  readonly away: Signal<boolean>;
  /** Rows must not move, for one of these reasons. */
  readonly still: ReadonlySignal<boolean>;
  /** Nothing has been answered yet. */
  readonly loading: Signal<boolean>;
  /** Why the filter was refused. */
  readonly refusal: Signal<string>;
  /** Shows what waits. */
  release(): void;
  /** Loads older items, when there are any and none are being loaded. */
  loadOlder(): void;
}

/**
 * The items that a search answers, followed as they come.
 * @param key another key begins anew
 * @param clearings so does another number of them, but not while rows must not move
 */
export function useLiveList<Item extends object>(
  key: string,
  clearings: number,
  rules: RowRules<Item>,
  fetchPage: (place: PagePlace, abort: AbortSignal, rows: Rows<Item>) => Promise<Page<Item>>,
): LiveList<Item> {
  const rows = useSignal<Rows<Item>>(noRows());
  const paused = useSignal(false);
  const busy = useSignal(false);
  const away = useSignal(false);
  const still = useComputed(() => paused.value || busy.value || away.value);
  const loading = useSignal(true);
  const refusal = useSignal("");
  const older = useRef<AbortController | undefined>(undefined);
  const begunAt = useRef(clearings);
  if (!still.value) begunAt.current = clearings;

  // Before the view is painted, so that the first page is on its way meanwhile.
  useLayoutEffect(() => {
    loading.value = true;
    refusal.value = "";
    rows.value = noRows();
    older.current?.abort();
    older.current = undefined;
    let anew = false;
    /** How many pages before the next one, without a break, had no room for all that had come. */
    let flood = 0;
    const round = async (abort: AbortSignal) => {
      try {
        const current = () => (anew ? noRows<Item>() : rows.peek());
        const page = await fetchPage(nextPlace(current(), rules), abort, current());
        const between = placeOfSkipped(current(), page, rules);
        const skipped =
          between !== undefined && (await fetchPage(between, abort, current())).items.length > 0;
        const selecting = !(getSelection()?.isCollapsed ?? true);
        const hold = still.peek() || selecting;
        const goesOn = current().cursor !== "";
        flood = goesOn && (skipped || page.items.length >= rules.newSize) ? flood + 1 : 0;
        // Older ones may have come meanwhile.
        rows.value = withPage(current(), between === undefined ? page : { ...page, skipped }, hold, rules);
        anew = false;
        loading.value = false;
        refusal.value = "";
      } catch (error) {
        if (abort.aborted) return;
        const { code, message, trouble } = error as CallError;
        if (code === "unreachable" || refusesCursor(error as CallError)) {
          // It may have been started anew: what is shown stays until it answers, and is replaced then.
          anew = true;
          throw error;
        }
        if (trouble !== undefined) throw error;
        refusal.value = message;
        loading.value = false;
      }
    };
    return repeat(round, () => listPauseMs(flood));
  }, [key, begunAt.current]);

  const release = () => {
    paused.value = false;
    rows.value = released(rows.peek(), rules);
  };
  const loadOlder = async () => {
    const before = rows.peek();
    const { previous } = before;
    if (previous === "" || older.current !== undefined) return;
    const own = new AbortController();
    older.current = own;
    try {
      const page = await fetchPage({ before: previous, limit: rules.pageSize }, own.signal, before);
      if (!own.signal.aborted) rows.value = withOlder(rows.peek(), page, rules);
    } catch {
      // The next time that the end of the rows is seen tries again.
    }
    if (older.current === own) older.current = undefined;
  };
  return { rows, paused, busy, away, still, loading, refusal, release, loadOlder: () => void loadOlder() };
}

/**
 * An answer that is asked for again and again.
 * @param key another key begins anew
 * @param signal of which it tells nothing but what is held: it is asked for again when that has changed
 */
export function useRepeated<Answer>(
  key: string,
  ask: (abort: AbortSignal) => Promise<Answer>,
  everyMs: number,
  signal = "",
): { readonly answer: Signal<Answer | undefined>; readonly refusal: Signal<string> } {
  const answer = useSignal<Answer | undefined>(undefined);
  const refusal = useSignal("");
  useEffect(() => {
    answer.value = undefined;
    refusal.value = "";
    let known: string | undefined;
    const round = async (abort: AbortSignal) => {
      try {
        const figures = signal === "" ? undefined : await figuresOf(signal, abort);
        if (figures !== undefined && figures === known) return;
        // After a failure it may be another server.
        known = undefined;
        answer.value = await ask(abort);
        known = figures;
        refusal.value = "";
      } catch (error) {
        if (abort.aborted) return;
        const { message, trouble } = error as CallError;
        if (trouble !== undefined) throw error;
        refusal.value = message;
      }
    };
    return repeat(round, everyMs, signal === "" ? listPace : figuresPace);
  }, [key]);
  return { answer, refusal };
}

/**
 * How often a signal was seen to be cleared: its list begins anew then.
 * @param figures undefined until they are known
 */
export function useClearings(figures: SignalStatsJson | undefined): number {
  const seen = useRef({ clearings: 0, cleared: Number.POSITIVE_INFINITY });
  if (figures !== undefined) {
    const cleared = clearedItems(figures);
    seen.current = { clearings: seen.current.clearings + (cleared > seen.current.cleared ? 1 : 0), cleared };
  }
  return seen.current.clearings;
}

export function useStats() {
  return useRepeated("stats", sharedStats, 1_000);
}
