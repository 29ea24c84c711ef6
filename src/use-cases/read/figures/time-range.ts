import type { CommonFilter } from "../../../domain/filter.ts";
import { isKnownTime } from "../../../domain/time.ts";

/** Times as pairs of words, the lower one first: a bigint for each of a million times would take too long. */
export function wordsOf(times: BigUint64Array): Uint32Array {
  return new Uint32Array(times.buffer, times.byteOffset, times.length * 2);
}

/** How many nanoseconds the second time of a pair is after the first; 0 when it is before, as for a filter. */
export function nanosBetween(startLow: number, startHigh: number, endLow: number, endHigh: number): number {
  return Math.max(0, (endHigh - startHigh) * 2 ** 32 + (endLow - startLow));
}

/** A range of time, from a time up to but without another. */
export interface TimeWindow {
  readonly startUnixNano: bigint;
  readonly endUnixNano: bigint;
}

/** The first and the last of the times that are known. */
export class TimeRange {
  #first = 2n ** 64n;
  #last = 0n;

  addAll(times: BigUint64Array): void {
    const words = wordsOf(times);
    let [firstHigh, firstLow, lastHigh, lastLow] = [2 ** 32, 0, 0, 0];
    for (let i = 0; i < words.length; i += 2) {
      const low = words[i] ?? 0;
      const high = words[i + 1] ?? 0;
      if (high === 0 && low === 0) continue;
      if (high < firstHigh || (high === firstHigh && low < firstLow)) [firstHigh, firstLow] = [high, low];
      if (high > lastHigh || (high === lastHigh && low > lastLow)) [lastHigh, lastLow] = [high, low];
    }
    if (firstHigh === 2 ** 32) return;
    this.add((BigInt(firstHigh) << 32n) | BigInt(firstLow));
    this.add((BigInt(lastHigh) << 32n) | BigInt(lastLow));
  }

  add(unixNano: bigint): void {
    if (!isKnownTime(unixNano)) return;
    if (unixNano < this.#first) this.#first = unixNano;
    if (unixNano > this.#last) this.#last = unixNano;
  }

  /**
   * The window that a filter asks for. Where it leaves the beginning open, that is the first time; where it leaves the
   * end open, that is now if it says when to begin, and else the last time. Undefined when no time is known.
   */
  windowOf({ sinceUnixNano, untilUnixNano }: CommonFilter, nowUnixNano: bigint): TimeWindow | undefined {
    const hasTimes = this.#last > 0n;
    const openStart = hasTimes ? this.#first : undefined;
    // No item has a time before the epoch.
    const startUnixNano =
      sinceUnixNano !== undefined && sinceUnixNano < 0n ? 0n : (sinceUnixNano ?? openStart);
    // The last time is in the window.
    const end = hasTimes ? this.#last + 1n : undefined;
    const openEnd =
      sinceUnixNano === undefined || (end !== undefined && end > nowUnixNano) ? end : nowUnixNano;
    const endUnixNano = untilUnixNano ?? openEnd;
    if (startUnixNano === undefined || endUnixNano === undefined) return undefined;
    return startUnixNano < endUnixNano ? { startUnixNano, endUnixNano } : undefined;
  }
}
