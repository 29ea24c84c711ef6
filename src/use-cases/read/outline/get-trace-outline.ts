import { ObsvtyError } from "../../../domain/errors.ts";
import type { TraceId } from "../../../domain/ids.ts";
import { SpanParents } from "../../../domain/span-parents.ts";
import { statusCodeError } from "../../../domain/telemetry.ts";
import { compareTimes, isKnownTime } from "../../../domain/time.ts";
import { decodeSpanCore, type SpanCore } from "../../../otlp/decode/span-core.ts";
import { planOf } from "../../filter/item-plan.ts";
import { AnswerPage, type Show } from "../answer-page.ts";
import { forEachInSteps } from "../in-steps.ts";
import { ItemReading } from "../item-reading.ts";
import { type AnswerQuery, boundsOf } from "../page-query.ts";
import type { ReadDependencies } from "../read-dependencies.ts";
import { sortInSteps } from "../sort-in-steps.ts";
import { walkViews } from "../walk.ts";
import { markCriticalPath, selfTimeOf } from "./critical-path.ts";
import { noNodes, type OutlineNode } from "./outline-node.ts";

export type OutlineQuery = Omit<AnswerQuery, "after">;

/** Makes one value of some that follow each other in the answer, which may have 80,000 of them. */
export type JoinValues<Value, Joined> = (values: readonly Value[]) => Joined;

export interface TraceOutline<Value> {
  /**
   * Depth first, siblings by their start. Of a trace that does not fit into the answer, the spans nearest to its roots.
   * With `join` each value is of some spans.
   */
  readonly spans: readonly Value[];
  /** All spans of the trace, in the answer or not. */
  readonly spanCount: number;
  readonly errorCount: number;
  /** The earliest start and the latest end; 0 when no span has one. */
  readonly startUnixNano: bigint;
  readonly endUnixNano: bigint;
  /** Spans that are not in the answer. */
  readonly leftOut: number;
  readonly cursor: string;
  readonly unreadable: number;
}

/** So many children of a span are sorted in some hundredths of a millisecond. Those of others are sorted in steps. */
const maxSortedAtOnce = 256;
/** `getTraceOutline` of one store. */
export type ReadTraceOutline = <Value, Joined = Value>(
  traceId: TraceId,
  query: OutlineQuery,
  show: Show<OutlineNode, Value>,
  join?: JoinValues<Value, Joined>,
) => Promise<TraceOutline<Joined>>;

/** As many values are joined. */
const joined = 256;
/** Of a larger trace the spans that arrived first are taken. Each takes some hundred bytes. */
const maxSpans = 200_000;
const bytesOfSpan = 512;

/**
 * All spans of a trace in short, with what the trace waited for.
 * @throws ObsvtyError not-found when none is held, invalid-argument, answers-too-large, or the reason of the abort
 */
export async function getTraceOutline<Value, Joined = Value>(
  dependencies: ReadDependencies,
  traceId: TraceId,
  query: OutlineQuery,
  show: Show<OutlineNode, Value>,
  join?: JoinValues<Value, Joined>,
): Promise<TraceOutline<Joined>> {
  const { share, abort } = query;
  const bounds = { ...boundsOf(query), maxItems: Number.POSITIVE_INFINITY };
  const plan = planOf("spans", { traceId });
  const { signal, filter } = plan;
  const reading = new ItemReading(dependencies, plan);
  const cores: SpanCore[] = [];
  let spanCount = 0;
  let errorCount = 0;
  let startUnixNano = 0n;
  let endUnixNano = 0n;
  const { first: from, next: to } = dependencies.store.range(signal);
  await walkViews(dependencies, { signal, filter, from, to, order: "oldest", abort }, (encoded) => {
    const core = reading.attempt(encoded.ordinal, () => decodeSpanCore(encoded));
    if (core === undefined) return true;
    spanCount += 1;
    if (core.statusCode === statusCodeError) errorCount += 1;
    if (compareTimes(core.startUnixNano, startUnixNano) < 0) startUnixNano = core.startUnixNano;
    if (core.endUnixNano > endUnixNano) endUnixNano = core.endUnixNano;
    if (cores.length < maxSpans) {
      if (cores.length % 1_000 === 0) share.take(1_000 * bytesOfSpan);
      cores.push(core);
    }
    return true;
  });
  if (spanCount === 0) throw new ObsvtyError("not-found", `no span of trace ${traceId} is held`);
  const roots = await treeOf(dependencies, cores, startUnixNano, abort);
  // It keeps no value, so that each is held only until it is joined.
  const page = new AnswerPage<undefined>(bounds, "oldest");
  /** The value at each position; those of spans that do not fit are missing. */
  const placed = new Array<Value | undefined>(cores.length);
  let shownCount = 0;
  await forEachInSteps(
    dependencies,
    breadthFirst(roots),
    abort,
    (node) => {
      const { value, byteLength } = show(node);
      const wantsMore = page.add(0, { value: undefined, byteLength });
      if (page.count > shownCount) placed[node.position] = value;
      shownCount = page.count;
      return wantsMore;
    },
    16,
  );
  const spans: Joined[] = [];
  await forEachInSteps(dependencies, runsOf(placed, join === undefined ? 1 : joined), abort, (run) => {
    if (run.length > 0) spans.push(join === undefined ? (run[0] as Joined) : join(run));
    return true;
  });
  return {
    spans,
    spanCount,
    errorCount,
    startUnixNano,
    endUnixNano,
    leftOut: spanCount - shownCount,
    cursor: dependencies.cursors.encode({ [signal]: to }),
    unreadable: reading.unreadable,
  };
}

/** Takes the values that are there out of the array, in runs of this length. */
function* runsOf<Value>(values: (Value | undefined)[], length: number): Generator<readonly Value[]> {
  for (let i = 0; i < values.length; i += length) {
    const run = values.slice(i, i + length).filter((value) => value !== undefined);
    values.fill(undefined, i, i + length);
    yield run as Value[];
  }
}

/** The spans as trees, with the figures of each span. */
async function treeOf(
  dependencies: ReadDependencies,
  cores: readonly SpanCore[],
  traceStart: bigint,
  abort: AbortSignal | undefined,
): Promise<OutlineNode[]> {
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
  const unsorted: OutlineNode[] = [];
  const parents = new SpanParents<OutlineNode>();
  await each(cores, (core) => unsorted.push(nodeOf(core, traceStart)));
  const nodes = await sortInSteps(dependencies, unsorted, byStart, abort);
  await each(nodes, (node) => parents.add(node));
  await each(nodes, (node) => {
    const parent = parents.of(node);
    if (parent === undefined) return;
    node.parent = parent;
    if (parent.children === noNodes) parent.children = [];
    parent.children.push(node);
  });
  const roots = nodes.filter(({ parent }) => parent === undefined);
  let position = 0;
  const place = (node: OutlineNode) => {
    node.position = position++;
    node.depth = node.parent === undefined ? 0 : node.parent.depth + 1;
  };
  await each(inOrder(nodes, roots), (node) => {
    if (node !== undefined) place(node);
  });
  const ofLarge: OutlineNode[] = [];
  await each(nodes, (node) => {
    const { children, parent } = node;
    if (children.length <= maxSortedAtOnce) {
      node.byEnd = children.length > 1 ? children.toSorted(byEnd) : children;
    }
    if (parent !== undefined && parent.children.length > maxSortedAtOnce) ofLarge.push(node);
    node.self = selfTimeOf(node);
  });
  await each(await sortInSteps(dependencies, ofLarge, byEnd, abort), (node) => {
    const { parent } = node;
    if (parent?.byEnd === noNodes) parent.byEnd = [];
    parent?.byEnd.push(node);
  });
  const [root] = roots;
  if (root !== undefined) await each(markCriticalPath(root), () => {});
  return roots;
}

/** A span as a node that is not in the tree yet. */
function nodeOf(span: SpanCore, traceStart: bigint): OutlineNode {
  const { startUnixNano, endUnixNano } = span;
  const start = Number((startUnixNano || endUnixNano || traceStart) - traceStart);
  const end = Number((endUnixNano || startUnixNano || traceStart) - traceStart);
  return {
    span,
    hasNoStart: !isKnownTime(startUnixNano),
    start,
    end: Math.max(start, end),
    parent: undefined,
    children: noNodes,
    byEnd: noNodes,
    depth: 0,
    position: -1,
    self: 0,
    critical: 0,
  };
}

/** Spans that started together stay in order of arrival; those whose start is not known come last. */
function byStart(a: OutlineNode, b: OutlineNode): number {
  return Number(a.hasNoStart) - Number(b.hasNoStart) || a.start - b.start;
}

function byEnd(a: OutlineNode, b: OutlineNode): number {
  return b.end - a.end;
}

/**
 * Each node once, depth first; its position is to be set before the next one is taken. A node that no root leads to
 * is in a circle of parents or below one: the circle is cut above the span in it that started first, which becomes a
 * root. Undefined stands for some work in between.
 */
function* inOrder(
  nodes: readonly OutlineNode[],
  roots: OutlineNode[],
): Generator<OutlineNode | undefined, void, undefined> {
  yield* depthFirst(roots);
  for (const node of nodes) {
    yield undefined;
    if (node.position >= 0) continue;
    const seen = new Set<OutlineNode>();
    let above = node;
    for (; !seen.has(above); above = above.parent ?? above) {
      seen.add(above);
      yield undefined;
    }
    // This one is in the circle.
    let first = above;
    for (let next = above.parent; next !== undefined && next !== above; next = next.parent) {
      if (byStart(next, first) < 0) first = next;
      yield undefined;
    }
    first.parent?.children.splice(first.parent.children.indexOf(first), 1);
    first.parent = undefined;
    roots.push(first);
    yield* depthFirst([first]);
  }
}

function* depthFirst(roots: readonly OutlineNode[]): Generator<OutlineNode, void, undefined> {
  const open = roots.toReversed();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    yield node;
    for (let i = node.children.length - 1; i >= 0; i--) open.push(node.children[i] as OutlineNode);
  }
}

function* breadthFirst(roots: readonly OutlineNode[]): Generator<OutlineNode, void, undefined> {
  const queue = [...roots];
  for (const node of queue) {
    yield node;
    for (const child of node.children) queue.push(child);
  }
}
