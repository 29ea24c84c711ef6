/* The time by the server's clock: that of the browser may be days off, and may be of another machine. */

/** Less than this the header tells no difference: it is to the second, and an answer may take some. */
const leastMs = 10_000;

let aheadMs = 0;

/** @param date the header `Date` of an answer (RFC 9110, 6.6.1); null for none */
export function noteServerDate(date: string | null, nowMs = Date.now()): void {
  const ahead = Date.parse(date ?? "") - nowMs;
  if (!Number.isNaN(ahead)) aheadMs = Math.abs(ahead) < leastMs ? 0 : ahead;
}

export function serverNowMs(nowMs = Date.now()): number {
  return nowMs + aheadMs;
}
