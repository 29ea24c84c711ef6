import type { GetStatsResponseJson } from "../../../../gen/obsvty/v1/query_pb.ts";

/*
 * Whether something has come of a trace that is open, or has gone. The figures of the whole server tell that nothing has,
 * which is what they mostly tell: then it takes one call, and no more of them the longer nothing comes.
 */

/** What is asked of the server, of one trace. */
export interface TraceQuestions {
  stats(): Promise<GetStatsResponseJson>;
  /** What arrived after a cursor: whether there is something, and where to go on. */
  newSpans(after: string): Promise<Arrived>;
  newLogs(after: string): Promise<Arrived>;
  /** Names the span that arrived first of those that are held; "" for none. */
  firstHeld(): Promise<string>;
  /** How many spans are held. */
  count(): Promise<number>;
}

export interface Arrived {
  readonly some: boolean;
  readonly cursor: string;
}

/** Where the spans and log records end that were read, and how many spans there are. */
export interface ReadPlace {
  readonly spansCursor: string;
  readonly logsCursor: string;
  readonly spanCount: number;
}

/** How spans went: not known where both may be. */
export type WentHow = "evicted" | "cleared" | "evicted or cleared";

export interface TraceNews {
  /** Spans or log records have come. */
  readonly more: boolean;
  /** Spans that were read and are not held any more, as far as that was looked at; undefined: as before. */
  readonly lost: number | undefined;
  readonly how: WentHow;
}

interface Figures {
  readonly spans: number;
  readonly logs: number;
  readonly evicted: number;
  /** Spans that were accepted, and are neither held nor evicted. */
  readonly cleared: number;
}

/** It takes some calls to see whether spans have gone, and a server that is full evicts all the time. */
const lossEveryMs = 5_000;

export function traceWatch(ask: TraceQuestions, nowMs: () => number) {
  let spansCursor = "";
  let logsCursor = "";
  let spanCount = 0;
  /** The figures when what is shown was read. */
  let first: Figures | undefined;
  let seen: Figures | undefined;
  /** The figures when it was last looked whether spans have gone. */
  let lookedAt: Figures | undefined;
  let lookedMs = Number.NEGATIVE_INFINITY;
  let oldest: string | undefined;

  async function lostOf(): Promise<number> {
    const held = await ask.firstHeld();
    if (held !== "" && held === oldest) return 0;
    const lost = Math.max(0, spanCount - (held === "" ? 0 : await ask.count()));
    if (lost === 0) oldest = held;
    return lost;
  }

  return {
    /**
     * The trace was read.
     * @param isShown what was read before is not shown any more
     */
    begin(read: ReadPlace, isShown: boolean): void {
      ({ spansCursor, logsCursor, spanCount } = read);
      if (isShown) first = undefined;
      seen = undefined;
      lookedAt = undefined;
      lookedMs = Number.NEGATIVE_INFINITY;
      oldest = undefined;
    },

    async look(): Promise<TraceNews> {
      const now = figuresOf(await ask.stats());
      first ??= now;
      const before = seen;
      let more = false;
      if (now.spans !== before?.spans) {
        const { some, cursor } = await ask.newSpans(spansCursor);
        more = some;
        if (!some && cursor !== "") spansCursor = cursor;
      }
      if (now.logs !== before?.logs && !more) {
        const { some, cursor } = await ask.newLogs(logsCursor);
        more = some;
        if (!some && cursor !== "") logsCursor = cursor;
      }
      let lost: number | undefined;
      const isCleared = now.cleared !== lookedAt?.cleared;
      const isDue = nowMs() - lookedMs >= lossEveryMs;
      if (!more && (isCleared || (now.evicted !== lookedAt?.evicted && isDue))) {
        lost = await lostOf();
        lookedAt = now;
        lookedMs = nowMs();
      }
      seen = more ? before : now;
      return { more, lost, how: howOf(first, now) };
    },
  };
}

function figuresOf({ signals = {} }: GetStatsResponseJson): Figures {
  const { traces, logs } = signals;
  const [spans = 0, evicted = 0, items = 0] = [traces?.accepted, traces?.evicted, traces?.items].map((text) =>
    Number(text ?? 0),
  );
  return { spans, logs: Number(logs?.accepted ?? 0), evicted, cleared: spans - evicted - items };
}

function howOf(first: Figures, now: Figures): WentHow {
  const isEvicted = now.evicted !== first.evicted;
  const isCleared = now.cleared !== first.cleared;
  return isEvicted === isCleared ? "evicted or cleared" : isEvicted ? "evicted" : "cleared";
}

const shortestMs = 1_000;
const longestMs = 5_000;

/** How long to wait before the next look: longer the longer nothing has come, and as long as may be after a minute. */
export function watchPause(quietMs: number): number {
  return Math.max(shortestMs, Math.min(longestMs, quietMs / 12));
}
