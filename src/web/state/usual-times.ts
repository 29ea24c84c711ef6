/*
 * One span of 1970, of a clock that is wrong, would squeeze all others of a plot into one of its pixels. So a few times
 * that are far from all others are left outside of its axis.
 */

const hour = 3_600_000_000_000n;
/** So many times as long the whole axis has to be before any time is left outside. */
const leastGain = 20n;

/** Of how many times, from the earliest on, the first and the last one are on the axis. */
export interface UsualTimes {
  readonly first: number;
  readonly last: number;
}

/**
 * At most a tenth of the times is left outside, or one of few; none when all lie within a day, and none of the last hour,
 * which may just have been sent.
 * @param times ascending, one at least
 * @param now in nanoseconds since the epoch
 * @param exactTo how far the times may be from those of the items
 */
export function usualTimes(times: readonly bigint[], now: bigint, exactTo = 0n): UsualTimes {
  const end = times.length - 1;
  const whole = { first: 0, last: end };
  const most = times.length < 3 ? 0 : Math.max(1, Math.floor(times.length / 10));
  const at = (index: number) => times[index] ?? 0n;
  const isRecent = (time: bigint) => time > now - hour && time < now + hour;
  const firstRecent = times.findIndex(isRecent);
  const lastRecent = times.findLastIndex(isRecent);
  const mostBefore = firstRecent < 0 ? most : Math.min(most, firstRecent);
  const mostAfter = lastRecent < 0 ? most : Math.min(most, end - lastRecent);
  let middle = whole;
  for (let before = 0; before <= mostBefore; before++) {
    const last = end - Math.min(mostAfter, most - before);
    if (at(last) - at(before) < at(middle.last) - at(middle.first)) middle = { first: before, last };
  }
  const length = at(middle.last) - at(middle.first);
  const room = [length, hour, exactTo].reduce((most, each) => (each > most ? each : most));
  if (at(end) - at(0) < leastGain * room) return whole;
  // What is near is not left out.
  let { first, last } = middle;
  while (first > 0 && at(first - 1) >= at(middle.first) - room) first--;
  while (last < end && at(last + 1) <= at(middle.last) + room) last++;
  return { first, last };
}
