import { earlier, later, type OutlineTree } from "./outline-tree.ts";

/** A span on the path, between two times. */
interface Frame {
  readonly span: number;
  readonly from: number;
  /** Up to here it is known what the trace waited for. */
  to: number;
  /** Where in the children by their ends it goes on. */
  next: number;
}

/**
 * Goes back from the end of a root to its start: what ran last is what the trace waited for. Each moment of the root
 * belongs to one span, so that their critical times add up to the root's duration. Yields now and then.
 */
export function* markCriticalPath(tree: OutlineTree, root: number): Generator<void> {
  const { start, end, childrenAt, childrenEnd, childrenByEnd, critical } = tree;
  const open: Frame[] = [{ span: root, from: start[root]!, to: end[root]!, next: childrenAt[root]! }];
  for (let frame = open.at(-1); frame !== undefined; frame = open.at(-1)) {
    yield;
    const { span } = frame;
    if (frame.to <= frame.from || frame.next === childrenEnd[span]) {
      if (frame.to > frame.from) critical[span]! += frame.to - frame.from;
      open.pop();
      continue;
    }
    const child = childrenByEnd[frame.next++]!;
    // A child may outlast its parent, or overlap with one that ended later.
    const from = later(start[child]!, frame.from);
    const to = earlier(end[child]!, frame.to);
    if (from >= to) continue;
    critical[span]! += frame.to - to;
    frame.to = from;
    open.push({ span: child, from, to, next: childrenAt[child]! });
  }
}

/** Time of a span in which none of its children ran. */
export function selfTimeOf(tree: OutlineTree, span: number): number {
  const { start, end, childrenAt, childrenEnd, children } = tree;
  let left = end[span]! - start[span]!;
  let coveredTo = start[span]!;
  for (let at = childrenAt[span]!; at < childrenEnd[span]!; at++) {
    const child = children[at]!;
    const from = later(start[child]!, coveredTo);
    const to = earlier(end[child]!, end[span]!);
    if (to <= from) continue;
    left -= to - from;
    coveredTo = to;
  }
  return left;
}
