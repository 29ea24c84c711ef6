import { ObsvtyError } from "../../../domain/errors.ts";
import type { TraceId } from "../../../domain/ids.ts";
import { planOf } from "../../filter/item-plan.ts";
import { AnswerPage, type Show } from "../answer-page.ts";
import { forEachInSteps } from "../in-steps.ts";
import { ItemReading } from "../item-reading.ts";
import { type AnswerQuery, boundsOf } from "../page-query.ts";
import type { ReadDependencies } from "../read-dependencies.ts";
import { walkViews } from "../walk.ts";
import { bytesOfSpan, OutlineColumns } from "./outline-columns.ts";
import type { OutlineNode } from "./outline-node.ts";
import { breadthFirst, type OutlineTree } from "./outline-tree.ts";
import { treeOf } from "./tree-of.ts";

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

/** `getTraceOutline` of one store. */
export type ReadTraceOutline = <Value, Joined = Value>(
  traceId: TraceId,
  query: OutlineQuery,
  show: Show<OutlineNode, Value>,
  join?: JoinValues<Value, Joined>,
) => Promise<TraceOutline<Joined>>;

/** As many values are joined. */
const joined = 256;
/** Memory is taken for so many spans at a time. */
const spansPaidFor = 1_000;

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
  const columns = new OutlineColumns();
  let paidFor = 0;
  const { first: from, next: to } = dependencies.store.range(signal);
  await walkViews(dependencies, { signal, filter, from, to, order: "oldest", abort }, (encoded) => {
    reading.attempt(encoded.ordinal, () => columns.take(encoded));
    if (columns.length > paidFor) {
      share.take(spansPaidFor * bytesOfSpan);
      paidFor += spansPaidFor;
    }
    return true;
  });
  const { spanCount, errorCount, startUnixNano, endUnixNano } = columns;
  if (spanCount === 0) throw new ObsvtyError("not-found", `no span of trace ${traceId} is held`);
  const tree = await treeOf(dependencies, columns, abort);
  // It keeps no value, so that each is held only until it is joined.
  const page = new AnswerPage<undefined>(bounds, "oldest");
  /** The value at each position; those of spans that do not fit are missing. */
  const placed = new Array<Value | undefined>(columns.length);
  let shownCount = 0;
  await forEachInSteps(
    dependencies,
    breadthFirst(tree),
    abort,
    (span) => {
      const { value, byteLength } = show(nodeOf(columns, tree, span));
      const wantsMore = page.add(0, { value: undefined, byteLength });
      if (page.count > shownCount) placed[tree.position[span]!] = value;
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

function nodeOf(columns: OutlineColumns, tree: OutlineTree, span: number): OutlineNode {
  const { isLong, start, end, depth, self, critical } = tree;
  return {
    span: columns.core(span),
    isLong,
    start: start[span]!,
    end: end[span]!,
    depth: depth[span]!,
    self: self[span]!,
    critical: critical[span]!,
  } as OutlineNode;
}
