import type { Span } from "../../../gen/obsvty/v1/query_pb.ts";
import { SpanNodes, SpanParents } from "../../domain/span-parents.ts";
import { toNanos } from "../api/proto-time.ts";

/** A node of a trace's tree: a span, or a line that stands for spans that are not held. */
export interface TraceNode {
  readonly span?: Span;
  /** The reason why the children hang here, in place of a span. */
  readonly reason?: string;
  readonly children: TraceNode[];
}

interface SpanNode extends TraceNode {
  readonly span: Span;
}

/**
 * The spans of one trace as trees: every span once, siblings by their start. The root spans come first, then a
 * node for each parent that is not held, with its children, and last the spans that are their own ancestors.
 */
export function shapeOf(spans: readonly Span[]): TraceNode[] {
  const nodes = spans.toSorted(byStart).map((span): SpanNode => ({ span, children: [] }));
  const parents = new SpanParents(new SpanNodes<SpanNode>());
  for (const node of nodes) parents.add(node);
  const roots: TraceNode[] = [];
  const orphans = new Map<string, TraceNode>();
  for (const node of nodes) {
    const parent = parents.of(node);
    const parentId = parentIdOf(node.span);
    if (parent !== undefined) {
      parent.children.push(node);
    } else if (parentId === "") {
      roots.push(node);
    } else {
      const orphan = orphans.get(parentId) ?? { reason: `(parent ${parentId} not held)`, children: [] };
      orphan.children.push(node);
      orphans.set(parentId, orphan);
    }
  }
  const top = [...roots, ...orphans.values()];
  const circles = circlesAmong(nodes, reachedFrom(top));
  return circles.length === 0 ? top : [...top, { reason: "(each other's parents)", children: circles }];
}

/** The id of the parent; empty for a root. Some SDKs send eight zero bytes as the parent of a root. */
function parentIdOf({ parentSpanId }: Span): string {
  return /^0*$/.test(parentSpanId) ? "" : parentSpanId;
}

/** Whether a root and the parent of each span are there. More spans may arrive all the same. */
export function looksComplete(spans: readonly Span[]): boolean {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const parents = spans.map(parentIdOf);
  return parents.includes("") && parents.every((parent) => parent === "" || ids.has(parent));
}

function reachedFrom(top: readonly TraceNode[]): Set<TraceNode> {
  const reached = new Set<TraceNode>();
  const open = [...top];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    reached.add(node);
    open.push(...node.children);
  }
  return reached;
}

/** Trees of the nodes that no root leads to. A circle is cut at the span that started first. */
function circlesAmong(nodes: readonly TraceNode[], reached: Set<TraceNode>): TraceNode[] {
  const starts: TraceNode[] = [];
  for (const node of nodes) {
    if (reached.has(node)) continue;
    starts.push(node);
    const open = [node];
    reached.add(node);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const children = next.children.filter((child) => !reached.has(child));
      next.children.splice(0, next.children.length, ...children);
      for (const child of children) reached.add(child);
      open.push(...children);
    }
  }
  return starts;
}

/** Spans by their start. Those whose start is not known come last. */
function byStart(a: Span, b: Span): number {
  const [left, right] = [startOf(a), startOf(b)];
  if (left === undefined || right === undefined) {
    return Number(left === undefined) - Number(right === undefined);
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

function startOf({ startTime }: Span): bigint | undefined {
  return startTime === undefined ? undefined : toNanos(startTime);
}
