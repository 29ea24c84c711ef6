import { type ReadonlySignal, type Signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { SignalStatsJson } from "../../../gen/obsvty/v1/query_pb.ts";
import { type CallError, call, refusesCursor } from "../api/call.ts";
import { repeat } from "../api/repeat.ts";
import { figuresOf } from "../api/signal-figures.ts";
import {
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

const pauseMs = 500;
/** When more arrives than a page holds, nobody can follow the rows, and each page costs the server most. */
const floodPauseMs = 1_000;
/** Of so many pauses in a flood one is as short as any other, to see whether the flood goes on. */
const floodPauses = 8;

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
    /** How many pages before the next one, without a break, were full. */
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
        flood = goesOn && page.items.length >= rules.newSize ? flood + 1 : 0;
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
    return repeat(round, () => (flood % floodPauses === 0 ? pauseMs : floodPauseMs));
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
    return repeat(async (abort) => {
      try {
        const figures = signal === "" ? undefined : await figuresOf(signal);
        abort.throwIfAborted();
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
    }, everyMs);
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
    const [items, accepted, evicted] = [figures.items, figures.accepted, figures.evicted].map(Number);
    // Items that were accepted, and are neither held nor evicted.
    const cleared = (accepted ?? 0) - (evicted ?? 0) - (items ?? 0);
    seen.current = { clearings: seen.current.clearings + (cleared > seen.current.cleared ? 1 : 0), cleared };
  }
  return seen.current.clearings;
}

export function useStats() {
  return useRepeated("stats", (abort) => call("GetStats", {}, abort), 1_000);
}
