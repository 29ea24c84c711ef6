import type { SpanJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { type CallError, call, refusesCursor } from "../../api/call.ts";
import type { ReadTrace } from "./marks.ts";
import { spanNodes, spanOfNode } from "./span-nodes.ts";

/** Of a larger trace the spans are read only when somebody looks at them. */
const maxWholeSpans = 500;

const maxLogs = 1_000;

export interface TraceData extends ReadTrace {
  /** Stands just after the newest log record that was held. */
  readonly logsCursor: string;
  /** How many spans of the trace have not been read: only their outlines are known. */
  readonly unread: number;
  /** There are more log records of this trace than are shown. */
  readonly moreLogs: boolean;
  /** How many spans of any trace went to make room since the server started; undefined where that does not matter. */
  readonly evicted: number | undefined;
}

export async function readTrace(traceId: string, abort: AbortSignal): Promise<TraceData> {
  const [outline, { logs = [], cursor: logsCursor = "", previous = "" }] = await Promise.all([
    call("GetTraceOutline", { traceId, maxBytes: 64 << 20 }, abort),
    call("SearchLogs", { filter: { traceId }, limit: maxLogs }, abort),
  ]);
  const { spanCount = 0 } = outline;
  const read = spanCount <= maxWholeSpans ? await readSpans(traceId, [], abort) : [];
  const nodes = spanNodes(outline);
  return {
    outline,
    nodes,
    logs,
    logsCursor,
    spans: new Map(
      read.length === 0
        ? []
        : nodes.flatMap((node, index) => {
            const span = spanOfNode(node, read);
            return span === undefined ? [] : [[index, span]];
          }),
    ),
    unread: Math.max(0, spanCount - read.length),
    // The answer may have been cut by its bytes, too.
    moreLogs: previous !== "",
    evicted: nodes.some(({ orphan }) => orphan) ? await evictedSpans(abort) : undefined,
  };
}

/** Whether spans or log records of the trace have come since it was read. */
export async function hasMore(traceId: string, data: TraceData, abort: AbortSignal): Promise<boolean> {
  const request = { filter: { traceId }, limit: 1 };
  try {
    const [{ spans = [] }, { logs = [] }] = await Promise.all([
      call("SearchSpans", { ...request, after: data.outline.cursor ?? "" }, abort),
      call("SearchLogs", { ...request, after: data.logsCursor }, abort),
    ]);
    return spans.length > 0 || logs.length > 0;
  } catch (error) {
    if (refusesCursor(error as CallError)) return true;
    throw error;
  }
}

/** How many spans of any trace went to make room since the server started. */
export async function evictedSpans(abort: AbortSignal): Promise<number> {
  const { signals = {} } = await call("GetStats", {}, abort);
  return Number(signals.traces?.evicted ?? 0);
}

/** More that match than this are not told apart from each other by a person. */
const maxFound = 1_000;

export interface FoundSpans {
  readonly ids: ReadonlySet<string>;
  /** There are older ones that were not looked at. */
  readonly cut: boolean;
}

/** The ids of the spans of a trace that have a text anywhere; of a trace whose spans have not all been read. */
export async function findSpans(traceId: string, text: string, abort: AbortSignal): Promise<FoundSpans> {
  const filter = { traceId, textContains: text };
  const request = { filter, limit: maxFound, maxBytes: 16 << 20 };
  const { spans = [], previous = "" } = await call("SearchSpans", request, abort);
  const ids = new Set(spans.map(({ spanId = "" }) => spanId));
  // By their number or by their bytes: an answer that is not cut has come to the oldest span that is held.
  return { ids, cut: previous !== "" };
}

/** The spans of a trace that one answer holds, or some of them. @param spanIds none for all */
export async function readSpans(
  traceId: string,
  spanIds: string[],
  abort: AbortSignal,
): Promise<readonly SpanJson[]> {
  const { spans = [] } = await call("GetTrace", { traceId, spanIds, maxBytes: 16 << 20 }, abort);
  return spans;
}
