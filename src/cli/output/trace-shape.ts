import type { Span } from "../../../gen/obsvty/v1/query_pb.ts";
import { toNanos } from "../api/proto-time.ts";

/** A node of a trace's tree: a span, or a line that stands for spans that are not held. */
export interface TraceNode {
  readonly span?: Span;
  /** Set in place of a span: why the children hang here. */
  readonly reason?: string;
  readonly children: TraceNode[];
}

/**
 * The spans of one trace as trees: every span once, siblings by their start. The root spans come first, then a
 * node for each parent that is not held, with its children, and last the spans that are their own ancestors.
 */
export function shapeOf(spans: readonly Span[]): TraceNode[] {
  const sorted = spans.toSorted(byStart);
  const nodes = sorted.map((span): TraceNode & { span: Span } => ({ span, children: [] }));
  const byId = new Map<string, TraceNode>();
  for (const node of nodes) {
    // An exporter that retries sends a span twice: the first gets the children.
    if (!byId.has(node.span.spanId)) byId.set(node.span.spanId, node);
  }
  const roots: TraceNode[] = [];
  const orphans = new Map<string, TraceNode>();
  for (const node of nodes) {
    const { parentSpanId } = node.span;
    const parent = byId.get(parentSpanId);
    if (parentSpanId === "") {
      roots.push(node);
    } else if (parent !== undefined) {
      parent.children.push(node);
    } else {
      const orphan = orphans.get(parentSpanId) ?? {
        reason: `(parent ${parentSpanId} not held)`,
        children: [],
      };
      orphan.children.push(node);
      orphans.set(parentSpanId, orphan);
    }
  }
  const top = [...roots, ...orphans.values()];
  const circles = circlesAmong(nodes, reachedFrom(top));
  return circles.length === 0 ? top : [...top, { reason: "(each other's parents)", children: circles }];
}

/** Whether a root and the parent of each span are there. More spans may arrive all the same. */
export function looksComplete(spans: readonly Span[]): boolean {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return (
    spans.some(({ parentSpanId }) => parentSpanId === "") &&
    spans.every(({ parentSpanId }) => parentSpanId === "" || ids.has(parentSpanId))
  );
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

function byStart(a: Span, b: Span): number {
  const [left, right] = [startOf(a), startOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function startOf({ startTime }: Span): bigint {
  return startTime === undefined ? 0n : toNanos(startTime);
}
