/** A value that comes so many times as late as usual comes behind a gap. */
export const gapFrom = 3;

/** How many steps lie between values, as a rule: the median. @param steps that have a value, ascending */
export function usualDistance(steps: readonly number[]): number {
  const apart = steps.slice(1).map((step, i) => step - (steps[i] ?? 0));
  return apart.toSorted((one, other) => one - other)[apart.length >> 1] ?? 1;
}
