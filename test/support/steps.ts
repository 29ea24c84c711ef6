/**
 * Goes through all steps.
 * @param between called after each step but the last
 */
export function lastOf<Result>(steps: Generator<void, Result>, between = () => {}): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    between();
  }
}
