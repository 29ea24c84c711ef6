import type { GetStatsResponseJson } from "../../../gen/obsvty/v1/query_pb.ts";
import { call } from "./call.ts";
import { costOf, noteCost } from "./pace.ts";

/** Parts of a view that ask within so long share one answer. */
const sharedForMs = 1_000;

interface SharedStats {
  readonly askedMs: number;
  readonly stats: Promise<GetStatsResponseJson>;
  /** No part of the page aborts what others wait for too. */
  readonly own: AbortSignal;
}

let shared: SharedStats | undefined;

/** The figures of the server, a second old at most, of which all parts of a view need a different one. */
export async function sharedStats(abort: AbortSignal): Promise<GetStatsResponseJson> {
  if (shared === undefined || performance.now() - shared.askedMs > sharedForMs) {
    const own = new AbortController().signal;
    shared = { askedMs: performance.now(), stats: call("GetStats", {}, own), own };
    const asked = shared;
    asked.stats.catch(() => {
      if (shared === asked) shared = undefined;
    });
  }
  const { stats, own } = shared;
  const answer = await stats;
  abort.throwIfAborted();
  noteCost(costOf(own), abort);
  return answer;
}

/**
 * How much of a signal was accepted, when last, how much is held and was evicted. While it is the same text, what is
 * computed of the items that are held is the same too, and need not be asked for again. Another run of the server may have
 * accepted as many items, at another time.
 */
export async function figuresOf(signal: string, abort: AbortSignal): Promise<string> {
  const { accepted, lastAcceptedTime, items, evicted } = (await sharedStats(abort)).signals?.[signal] ?? {};
  return [accepted, lastAcceptedTime, items, evicted].join(" ");
}
