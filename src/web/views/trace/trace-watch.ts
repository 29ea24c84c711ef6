import type { GetStatsResponseJson, SignalStatsJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { clearedItems } from "../../state/cleared-items.ts";

/*
 * Whether something has come of a trace that is open, or has gone. The figures of the whole server tell that nothing has,
 * which is what they mostly tell: then it takes one call, and no more of them the longer nothing comes.
 */

/** What is asked of the server, of one trace. */
export interface TraceQuestions {
  stats(): Promise<GetStatsResponseJson>;
  /** What arrived after a cursor. */
  newSpans(after: string): Promise<Arrived>;
  newLogs(after: string): Promise<Arrived>;
  /** Names the span that arrived first of those that are held; "" for none. */
  firstHeld(): Promise<string>;
  /** How many spans are held. */
  count(): Promise<number>;
}

/** "other run": the server is another run than the one that was read, and holds other spans. */
export type Came = "nothing" | "something" | "other run";

export interface Arrived {
  readonly came: Came;
  /** Where to go on. */
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
  /** Of spans and log records. */
  readonly came: Came;
  /** Spans that were read and are not held any more, as far as that was looked at; undefined: as before. */
  readonly lost: number | undefined;
  readonly how: WentHow;
}

interface Figures {
  /** How many were accepted, and when the last were: another run of the server may have accepted as many. */
  readonly spans: string;
  readonly logs: string;
  readonly evicted: number;
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

  async function cameWith(now: Figures): Promise<Came> {
    if (now.spans !== seen?.spans) {
      const { came, cursor } = await ask.newSpans(spansCursor);
      if (came !== "nothing") return came;
      spansCursor = cursor;
    }
    if (now.logs !== seen?.logs) {
      const { came, cursor } = await ask.newLogs(logsCursor);
      if (came !== "nothing") return came;
      logsCursor = cursor;
    }
    return "nothing";
  }

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
      const now = figuresIn(await ask.stats());
      first ??= now;
      const came = await cameWith(now);
      const how = howOf(first, now);
      if (came !== "nothing") return { came, lost: undefined, how };
      let lost: number | undefined;
      const isCleared = now.cleared !== lookedAt?.cleared;
      const isDue = nowMs() - lookedMs >= lossEveryMs;
      if (isCleared || (now.evicted !== lookedAt?.evicted && isDue)) {
        lost = await lostOf();
        lookedAt = now;
        lookedMs = nowMs();
      }
      seen = now;
      return { came, lost, how };
    },
  };
}

function figuresIn({ signals: { traces = {}, logs = {} } = {} }: GetStatsResponseJson): Figures {
  const received = ({ accepted, lastAcceptedTime }: SignalStatsJson) => `${accepted} ${lastAcceptedTime}`;
  return {
    spans: received(traces),
    logs: received(logs),
    evicted: Number(traces.evicted ?? 0),
    cleared: clearedItems(traces),
  };
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
