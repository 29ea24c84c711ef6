/** The spans of a trace as trees, in arrays by the places of the spans in their columns. */
export interface OutlineTree {
  /** Nanoseconds since the start of the trace. No span ends before its start. */
  readonly start: Float64Array;
  readonly end: Float64Array;
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
  readonly self: Float64Array;
  /** Time for which the trace waited for this span itself. */
  readonly critical: Float64Array;
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
