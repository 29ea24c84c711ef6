import type { EncodedItem } from "../../domain/encoded-item.ts";
import type { TraceId } from "../../domain/ids.ts";
import { traceIdOf } from "../../otlp/decode/trace-id.ts";
import { type ItemPlan, planOf } from "../filter/item-plan.ts";
import type { AnswerShare } from "./answer-memory.ts";
import type { Show } from "./answer-page.ts";
import { ItemReading } from "./item-reading.ts";
import { type AnswerQuery, boundsOf } from "./page-query.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import { findGroups } from "./search-groups.ts";
import { byTrace } from "./search-traces.ts";
import { walk } from "./walk.ts";

/** How much of the traces is read. */
export type TracesQuery = Omit<AnswerQuery, "after">;

export interface FoundTrace<Value> {
  readonly traceId: TraceId;
  /** In order of arrival. */
  readonly spans: readonly Value[];
  /** Spans of the trace that did not fit into the answer. */
  readonly spansLeftOut: number;
}

export interface FoundTraces<Value> {
  readonly traces: readonly FoundTrace<Value>[];
  /** Traces that match, are among those asked for, and did not fit into the answer. */
  readonly tracesLeftOut: number;
}

/**
 * Whole traces of which a span matches, by the arrival of the newest one that does, the newest first. A trace that does
 * not fit beside the others is left out, with those after it. The first is cut when it does not fit by itself.
 * @throws ObsvtyError invalid-argument that names an argument, answers-too-large, or the reason of the abort
 */
export async function findTraces<Value>(
  dependencies: ReadDependencies,
  plan: ItemPlan<"spans">,
  query: TracesQuery & { readonly limit?: number },
  show: Show<EncodedItem, Value>,
): Promise<FoundTraces<Value>> {
  const { maxItems } = boundsOf(query);
  const { first: from, next: to } = dependencies.store.range(plan.signal);
  const window = { from, to, order: "newest" } as const;
  const { groups } = await findGroups(dependencies, plan, window, query, maxItems, {
    reading: new ItemReading(dependencies, plan),
    ...byTrace,
  });
  const traceIds = groups.map(({ key }) => key as TraceId);
  return readTraces(dependencies, traceIds, query, show);
}

/**
 * Whole traces by their ids, in this order. Those of which no span is held are not in the answer. What does not fit is
 * left out as by `findTraces`.
 */
export async function readTraces<Value>(
  dependencies: ReadDependencies,
  traceIds: readonly TraceId[],
  query: TracesQuery,
  show: Show<EncodedItem, Value>,
): Promise<FoundTraces<Value>> {
  const { share } = query;
  const { maxBytes: wantedBytes, envelopeBytes } = boundsOf(query);
  const maxBytes = Math.min(wantedBytes, share.maxBytes);
  const traces: FoundTrace<Value>[] = [];
  let bytes = envelopeBytes;
  for (const [i, traceId] of traceIds.entries()) {
    const bounds = { bytes, maxBytes, canCut: traces.length === 0, share };
    const trace = await readTrace(dependencies, traceId, bounds, query.abort, show);
    if (trace === undefined) return { traces, tracesLeftOut: traceIds.length - i };
    const { bytes: after, spans, spansLeftOut } = trace;
    bytes = after;
    // It may have been evicted since it was found.
    if (spans.length > 0) traces.push({ traceId, spans, spansLeftOut });
  }
  return { traces, tracesLeftOut: 0 };
}

interface TraceBounds {
  /** Bytes of the answer before the trace. */
  readonly bytes: number;
  readonly maxBytes: number;
  /** Whether a trace that does not fit is cut, and not left out. */
  readonly canCut: boolean;
  readonly share: AnswerShare;
}

/** Undefined when the trace does not fit. */
async function readTrace<Value>(
  dependencies: ReadDependencies,
  traceId: TraceId,
  { bytes: before, maxBytes, canCut, share }: TraceBounds,
  abort: AbortSignal | undefined,
  show: Show<EncodedItem, Value>,
) {
  const plan = planOf("spans", { traceId });
  const { signal, filter } = plan;
  const reading = new ItemReading(dependencies, plan);
  const { first: from, next: to } = dependencies.store.range(signal);
  const spans: Value[] = [];
  let bytes = before;
  let spansLeftOut = 0;
  await walk(dependencies, { signal, filter, from, to, order: "oldest", abort }, (encoded) => {
    const { item, ordinal } = encoded;
    if (traceIdOf(item) !== traceId) return true;
    if (spansLeftOut > 0) {
      spansLeftOut += 1;
      return true;
    }
    const shown = reading.attempt(ordinal, () => show(encoded));
    if (shown === undefined) return true;
    if (bytes + shown.byteLength > maxBytes && !(canCut && spans.length === 0)) {
      spansLeftOut = 1;
      return canCut;
    }
    share.take(shown.byteLength);
    bytes += shown.byteLength;
    spans.push(shown.value);
    return true;
  });
  return spansLeftOut > 0 && !canCut ? undefined : { spans, bytes, spansLeftOut };
}
