/** An error, those that it was caused by, and those that it sums up; the outer ones first. */
export function* nestedErrors(reason: unknown, seen: Set<unknown> = new Set()): Generator<Error> {
  if (!(reason instanceof Error) || seen.has(reason)) return;
  seen.add(reason);
  yield reason;
  if (reason instanceof AggregateError) {
    for (const error of reason.errors) yield* nestedErrors(error, seen);
  }
  yield* nestedErrors(reason.cause, seen);
}
