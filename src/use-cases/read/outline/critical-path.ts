import type { OutlineNode } from "./outline-node.ts";

/** A span on the path, between two times. */
interface Frame {
  readonly node: OutlineNode;
  readonly from: number;
  /** Up to here it is known what the trace waited for. */
  to: number;
  next: number;
}

/**
 * Goes back from the end of a root to its start: what ran last is what the trace waited for. Each moment of the root
 * belongs to one span, so that their critical times add up to the root's duration. Yields now and then.
 */
export function* markCriticalPath(root: OutlineNode): Generator<void> {
  const open: Frame[] = [{ node: root, from: root.start, to: root.end, next: 0 }];
  for (let frame = open.at(-1); frame !== undefined; frame = open.at(-1)) {
    yield;
    const child = frame.to > frame.from ? frame.node.byEnd[frame.next] : undefined;
    if (child === undefined) {
      frame.node.critical += Math.max(0, frame.to - frame.from);
      open.pop();
      continue;
    }
    frame.next += 1;
    // A child may outlast its parent, or overlap with one that ended later.
    const from = Math.max(child.start, frame.from);
    const to = Math.min(child.end, frame.to);
    if (from >= to) continue;
    frame.node.critical += frame.to - to;
    frame.to = from;
    open.push({ node: child, from, to, next: 0 });
  }
}

/** Time of a span in which none of its children ran. */
export function selfTimeOf({ start, end, children }: OutlineNode): number {
  let covered = 0;
  let coveredTo = start;
  for (const child of children) {
    const from = Math.max(child.start, coveredTo);
    const to = Math.min(child.end, end);
    if (to <= from) continue;
    covered += to - from;
    coveredTo = to;
  }
  return Math.max(0, end - start - covered);
}
