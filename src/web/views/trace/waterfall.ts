import type { LogRecordJson, SpanEventJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import type { SpanNode } from "./span-nodes.ts";

/* The rows of a waterfall: spans, what is in line with them, and spans that are alike in one row. */

interface MarkFacts {
  /** Names it in the address: tells it apart from others of its span. */
  readonly key: string;
  readonly atNs: number | undefined;
  readonly text: string;
  readonly failed: boolean;
}

/** A log record or an event of a span, at its time. */
export type Mark = MarkFacts &
  (
    | { readonly kind: "log"; readonly record: LogRecordJson }
    | { readonly kind: "event"; readonly event: SpanEventJson }
  );

type Marks = ReadonlyMap<number, readonly Mark[]>;

export type WaterfallRow =
  | { readonly kind: "span"; readonly node: number }
  /** So many spans that are alike in one row, from this one on. */
  | { readonly kind: "repeats"; readonly node: number; readonly count: number }
  | { readonly kind: "mark"; readonly node: number; readonly mark: Mark };

/** So many spans that are alike take one row. */
const leastRepeats = 5;

/**
 * Siblings that follow each other and are alike, such as the queries of a loop: by the index of the first, how many. They
 * have one name and one service, nothing below them, and did not fail.
 * @param marks as in `visibleRows`: a span that has some is not alike
 */
export function repeatsOf(nodes: readonly SpanNode[], marks: Marks): ReadonlyMap<number, number> {
  const repeats = new Map<number, number>();
  const isPlain = (index: number) => {
    const node = nodes[index];
    return node !== undefined && node.end === index + 1 && !node.failed && !marks.has(index);
  };
  for (let first = 0; first < nodes.length; ) {
    const { name, service, parent } = nodes[first] as SpanNode;
    let next = first + 1;
    if (isPlain(first)) {
      for (; isPlain(next); next++) {
        const other = nodes[next] as SpanNode;
        if (other.name !== name || other.service !== service || other.parent !== parent) break;
      }
    }
    if (next - first >= leastRepeats) repeats.set(first, next - first);
    first = next;
  }
  return repeats;
}

/** The first of the spans that are alike, of which one is. @returns -1 for a span that has no such siblings */
export function repeatsWith(repeats: ReadonlyMap<number, number>, node: number): number {
  for (const [first, count] of repeats) {
    if (first > node) break;
    if (node < first + count) return first;
  }
  return -1;
}

/**
 * The rows that are not hidden below a span that is collapsed.
 * @param marks by the index of their span; those of no span that is held have -1, and come last
 * @param repeats spans that take one row together, as `repeatsOf` finds them
 */
export function visibleRows(
  nodes: readonly SpanNode[],
  collapsed: ReadonlySet<number>,
  marks: Marks,
  repeats: ReadonlyMap<number, number> = new Map(),
): readonly WaterfallRow[] {
  const rows: WaterfallRow[] = [];
  const addMarks = (node: number) => {
    for (const mark of marks.get(node) ?? []) rows.push({ kind: "mark", node, mark });
  };
  for (let i = 0; i < nodes.length; ) {
    const count = repeats.get(i);
    if (count !== undefined) {
      rows.push({ kind: "repeats", node: i, count });
      i += count;
      continue;
    }
    rows.push({ kind: "span", node: i });
    if (collapsed.has(i)) {
      i = nodes[i]?.end ?? nodes.length;
    } else {
      addMarks(i);
      i++;
    }
  }
  addMarks(-1);
  return rows;
}

/**
 * The log record or event that a key names, with the index of its span.
 * @param node where the address has it: a log record moves from none, -1, to its span when that comes
 */
export function markOf(
  marks: Marks,
  node: number,
  key: string,
): { readonly node: number; readonly mark: Mark } | undefined {
  const own = marks.get(node)?.find((mark) => mark.key === key);
  if (own !== undefined) return { node, mark: own };
  for (const [of, list] of marks) {
    const mark = list.find((other) => other.kind === "log" && other.key === key);
    if (mark !== undefined) return { node: of, mark };
  }
  return undefined;
}
