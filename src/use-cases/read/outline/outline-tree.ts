/**
 * Nanoseconds since the start of a trace. Of a trace of more than 2^53 ns, which are 104 days, they are bigints behind
 * this type: JavaScript compares, adds and subtracts them alike, as long as no number is among them.
 */
type Times = Float64Array;

export function timesOf(length: number, isLong: boolean): Times {
  return isLong ? (new BigUint64Array(length) as unknown as Times) : new Float64Array(length);
}

/** The later one of two times of a tree. */
export function later(a: number, b: number): number {
  if (a < b) return b;
  return a;
}

/** The earlier one of two times of a tree. */
export function earlier(a: number, b: number): number {
  if (a < b) return a;
  return b;
}

/** The spans of a trace as trees, in arrays by the places of the spans in their columns. */
export interface OutlineTree {
  /** Whether times are bigints. */
  isLong: boolean;
  /** No span ends before its start. */
  start: Times;
  end: Times;
  /** -1 for a root. */
  readonly parent: Int32Array;
  /** The children of a span are [`childrenAt`, `childrenEnd`) of `children`, by start. */
  readonly childrenAt: Int32Array;
  readonly childrenEnd: Int32Array;
  readonly children: Int32Array;
  /** The same, those that ended last first. */
  readonly childrenByEnd: Int32Array;
  readonly depth: Int32Array;
  /** The position in the tree, depth first; -1 until it has one. */
  readonly position: Int32Array;
  /** Time in which none of its children ran. */
  self: Times;
  /** Time for which the trace waited for this span itself. */
  critical: Times;
  /** By start; then those that circles of parents were cut above. */
  readonly roots: number[];
}

/** Each span once, those nearest to their roots first. */
export function* breadthFirst({
  roots,
  children,
  childrenAt,
  childrenEnd,
}: OutlineTree): Generator<number, void, undefined> {
  const queue = [...roots];
  for (const span of queue) {
    yield span;
    for (let at = childrenAt[span]!; at < childrenEnd[span]!; at++) queue.push(children[at]!);
  }
}
