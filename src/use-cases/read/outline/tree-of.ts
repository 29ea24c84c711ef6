import { SpanParents } from "../../../domain/span-parents.ts";
import { forEachInSteps } from "../in-steps.ts";
import type { ReadDependencies } from "../read-dependencies.ts";
import { sortInSteps } from "../sort-in-steps.ts";
import { markCriticalPath, selfTimeOf } from "./critical-path.ts";
import type { OutlineColumns } from "./outline-columns.ts";
import { later, type OutlineTree, timesOf } from "./outline-tree.ts";

/** Stands for no span. */
const none = -1;

/** The spans as trees, with the figures of each span. */
export async function treeOf(
  dependencies: ReadDependencies,
  columns: OutlineColumns,
  abort: AbortSignal | undefined,
): Promise<OutlineTree> {
  const { length } = columns;
  const tree = treeWithout(length);
  const { parent, childrenAt, childrenEnd, children, childrenByEnd, depth, position } = tree;
  const each = <Element>(elements: Iterable<Element>, act: (element: Element) => void) =>
    forEachInSteps(
      dependencies,
      elements,
      abort,
      (element) => {
        act(element);
        return true;
      },
      64,
    );
  const places: number[] = [];
  for (let span = 0; span < length; span++) places.push(span);
  const setTimes = async (isLong: boolean) => {
    const [start, end] = [timesOf(length, isLong), timesOf(length, isLong)];
    Object.assign(tree, {
      isLong,
      start,
      end,
      self: timesOf(length, isLong),
      critical: timesOf(length, isLong),
    });
    await each(places, (span) => {
      start[span] = isLong ? columns.exactStart(span) : columns.start(span);
      end[span] = later(start[span]!, isLong ? columns.exactEnd(span) : columns.end(span));
    });
  };
  await setTimes(false);
  if (tree.end.some((nanos) => nanos > Number.MAX_SAFE_INTEGER)) await setTimes(true);
  const { start, end, self } = tree;
  // Spans that started together stay in order of arrival; those whose start is not known come last.
  const startsEarlier = (a: number, b: number) =>
    Number(columns.hasStart(b)) - Number(columns.hasStart(a)) || compare(start[a]!, start[b]!);
  const byStart = await sortInSteps(dependencies, places, startsEarlier, abort);
  const parents = new SpanParents(columns);
  await each(byStart, (span) => parents.add(span));
  // First the counts of children are where the ends of their lists will be.
  await each(byStart, (span) => {
    const above = parents.of(span) ?? none;
    parent[span] = above;
    if (above === none) tree.roots.push(span);
    else childrenEnd[above]! += 1;
  });
  layOutChildren(tree);
  await each(byStart, (span) => {
    const above = parent[span]!;
    if (above !== none) children[childrenEnd[above]!++] = span;
  });
  let next = 0;
  await each(inOrder(tree, byStart, startsEarlier), (span) => {
    if (span === none) return;
    const above = parent[span]!;
    position[span] = next++;
    depth[span] = above === none ? 0 : depth[above]! + 1;
    self[span] = selfTimeOf(tree, span);
  });
  const byEnd = await sortInSteps(dependencies, byStart, (a, b) => compare(end[b]!, end[a]!), abort);
  const filled = childrenAt.slice();
  await each(byEnd, (span) => {
    const above = parent[span]!;
    if (above !== none) childrenByEnd[filled[above]!++] = span;
  });
  const [root] = tree.roots;
  if (root !== undefined) await each(markCriticalPath(tree, root), () => {});
  return tree;
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function treeWithout(length: number): OutlineTree {
  return {
    isLong: false,
    start: timesOf(0, false),
    end: timesOf(0, false),
    parent: new Int32Array(length),
    childrenAt: new Int32Array(length),
    childrenEnd: new Int32Array(length),
    children: new Int32Array(length),
    childrenByEnd: new Int32Array(length),
    depth: new Int32Array(length),
    position: new Int32Array(length).fill(none),
    self: timesOf(0, false),
    critical: timesOf(0, false),
    roots: [],
  };
}

/** Makes empty lists of children, with room for as many as `childrenEnd` says. */
function layOutChildren({ childrenAt, childrenEnd }: OutlineTree): void {
  let at = 0;
  for (let span = 0; span < childrenAt.length; span++) {
    const count = childrenEnd[span]!;
    childrenAt[span] = at;
    childrenEnd[span] = at;
    at += count;
  }
}

/**
 * Each span once, depth first; its position is to be set before the next one is taken. A span that no root leads to
 * is in a circle of parents or below one: the circle is cut above the span in it that started first, which becomes a
 * root. -1 stands for some work in between.
 */
function* inOrder(
  tree: OutlineTree,
  spans: readonly number[],
  compare: (a: number, b: number) => number,
): Generator<number, void, undefined> {
  const { parent, position, roots } = tree;
  yield* depthFirst(tree, roots);
  for (const span of spans) {
    yield none;
    if (position[span] !== none) continue;
    const seen = new Set<number>();
    let above = span;
    for (; !seen.has(above); above = parent[above]!) {
      seen.add(above);
      yield none;
    }
    // This one is in the circle.
    let first = above;
    for (let next = parent[above]!; next !== above; next = parent[next]!) {
      if (compare(next, first) < 0) first = next;
      yield none;
    }
    makeRoot(tree, first);
    yield* depthFirst(tree, [first]);
  }
}

/** Takes a span away from its parent. */
function makeRoot({ parent, children, childrenAt, childrenEnd, roots }: OutlineTree, span: number): void {
  const above = parent[span]!;
  const at = children.indexOf(span, childrenAt[above]!);
  children.copyWithin(at, at + 1, childrenEnd[above]!);
  childrenEnd[above]! -= 1;
  parent[span] = none;
  roots.push(span);
}

function* depthFirst(
  { children, childrenAt, childrenEnd }: OutlineTree,
  roots: readonly number[],
): Generator<number, void, undefined> {
  const open = roots.toReversed();
  for (let span = open.pop(); span !== undefined; span = open.pop()) {
    yield span;
    for (let at = childrenEnd[span]! - 1; at >= childrenAt[span]!; at--) open.push(children[at]!);
  }
}
