import { setTimeout as sleep } from "node:timers/promises";
import { timesOf } from "../../otlp/request-times.ts";
import type { FileRequest } from "./file-requests.ts";

const nanosPerMs = 1e6;
/** Node's timers take no longer time. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Holds requests back until their time has come: as long after the first one as in their own times, divided by the
 * speed. The time of a request is the latest in it, because a sender could not send it earlier.
 */
export class Pace {
  readonly #speed: number;
  readonly #now: () => number;
  #first: { readonly time: bigint; readonly atMs: number } | undefined;
  #waitUntilMs = 0;

  /** @param now in milliseconds */
  constructor(speed: number, now: () => number) {
    this.#speed = speed;
    this.#now = now;
  }

  /** The time until the request that is held back is let go. */
  get waitMs(): number {
    return Math.max(0, this.#waitUntilMs - this.#now());
  }

  /** Resolves when the request may be sent, or at the abort. */
  async until({ signal, bytes }: FileRequest, abort: AbortSignal): Promise<void> {
    const time = timesOf(signal, bytes)?.last;
    if (time === undefined) return;
    this.#first ??= { time, atMs: this.#now() };
    const { time: firstTime, atMs } = this.#first;
    this.#waitUntilMs = atMs + Number(time - firstTime) / nanosPerMs / this.#speed;
    while (this.waitMs > 0 && !abort.aborted) {
      await sleep(Math.min(this.waitMs, longestTimerMs), undefined, { signal: abort }).catch(() => {});
    }
  }
}
