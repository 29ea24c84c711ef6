import type { SpanNode } from "./span-nodes.ts";

/** One level less than is shown: the deepest spans that show others below them are collapsed too. */
export function levelCollapsed(
  nodes: readonly SpanNode[],
  collapsed: ReadonlySet<number>,
): ReadonlySet<number> {
  const open = shownParents(nodes, collapsed).filter((index) => !collapsed.has(index));
  return new Set([...collapsed, ...atDepth(nodes, open, "deepest")]);
}

/** One level more than is shown: of the spans that are collapsed and shown, those nearest to the top are not. */
export function levelExpanded(
  nodes: readonly SpanNode[],
  collapsed: ReadonlySet<number>,
): ReadonlySet<number> {
  const folded = shownParents(nodes, collapsed).filter((index) => collapsed.has(index));
  const opened = new Set(atDepth(nodes, folded, "highest"));
  return new Set([...collapsed].filter((index) => !opened.has(index)));
}

/** The spans with others below them, but for those at the top. */
export function parentsBelowRoots(nodes: readonly SpanNode[]): readonly number[] {
  return nodes.flatMap(({ end, depth }, index) => (depth > 0 && end > index + 1 ? [index] : []));
}

/** The spans with others below them that are not hidden themselves. */
function shownParents(nodes: readonly SpanNode[], collapsed: ReadonlySet<number>): readonly number[] {
  const parents: number[] = [];
  for (let i = 0; i < nodes.length; ) {
    const end = nodes[i]?.end ?? nodes.length;
    if (end > i + 1) parents.push(i);
    i = collapsed.has(i) ? end : i + 1;
  }
  return parents;
}

function atDepth(nodes: readonly SpanNode[], indices: readonly number[], which: "deepest" | "highest") {
  const depthOf = (index: number) => nodes[index]?.depth ?? 0;
  const depth = indices.reduce(
    (found, index) =>
      which === "deepest" ? Math.max(found, depthOf(index)) : Math.min(found, depthOf(index)),
    which === "deepest" ? -1 : Number.POSITIVE_INFINITY,
  );
  return indices.filter((index) => depthOf(index) === depth);
}
