/** Whether a time is known. In OTLP a time of 0 is not; it is not the earliest. */
export function isKnownTime(unixNano: bigint): boolean {
  return unixNano !== 0n;
}

/** Puts earlier times first, and those that are not known last. */
export function compareTimes(a: bigint, b: bigint): number {
  if (a === b) return 0;
  if (!isKnownTime(a)) return 1;
  if (!isKnownTime(b)) return -1;
  return a < b ? -1 : 1;
}
