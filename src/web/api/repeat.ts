import { tokenWanted } from "../state/session.ts";
import type { CallError } from "./call.ts";
import { costOf, listPace, type PaceBounds, paceOf } from "./pace.ts";

/**
 * Runs something again and again with a pause between, and not while the tab is hidden or the server wants a token. It
 * goes on after a failure: of one that is the server's trouble, when the server says.
 * @param pauseMs at least; asked for after each round
 * @returns ends it
 */
export function repeat(
  run: (abort: AbortSignal) => Promise<void>,
  pauseMs: number | (() => number),
  bounds: PaceBounds = listPace,
): () => void {
  const wantedMs = typeof pauseMs === "number" ? () => pauseMs : pauseMs;
  const pace = paceOf(bounds);
  let stopped = false;
  let current: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const step = async (): Promise<void> => {
    timer = undefined;
    if (stopped || document.hidden || current !== undefined) return;
    const own = new AbortController();
    const began = performance.now();
    current = own;
    let againMs: number;
    try {
      await run(own.signal);
      // Calls that were made together were answered together.
      const costMs = Math.min(costOf(own.signal), performance.now() - began);
      againMs = pace.pauseAfter(costMs, wantedMs());
    } catch (error) {
      // The call has told the person. The next round tries again.
      againMs = (error as Partial<CallError>).trouble?.againMs ?? wantedMs();
    }
    current = undefined;
    if (!stopped && !document.hidden && tokenWanted.peek() === undefined) timer = setTimeout(step, againMs);
  };
  const look = () => {
    clearTimeout(timer);
    pace.restart();
    if (document.hidden) current?.abort();
    else void step();
  };
  document.addEventListener("visibilitychange", look);
  // Signing in goes on at once.
  const unsubscribe = tokenWanted.subscribe((wanted) => {
    if (wanted === undefined) look();
    else clearTimeout(timer);
  });
  return () => {
    stopped = true;
    clearTimeout(timer);
    current?.abort();
    document.removeEventListener("visibilitychange", look);
    unsubscribe();
  };
}

/** Runs something until it has been done once: again after a failure, as `repeat` does. @returns ends it */
export function untilDone(run: (abort: AbortSignal) => Promise<void>): () => void {
  const end = repeat(async (abort) => {
    await run(abort);
    if (!abort.aborted) end();
  }, 1_000);
  return end;
}
