import type { SpanJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { type CallError, call, refusesCursor } from "../../api/call.ts";
import type { ReadTrace } from "./marks.ts";
import { spanNodes, spanOfNode } from "./span-nodes.ts";
import type { Arrived, TraceQuestions } from "./trace-watch.ts";

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

/** What a watch of the trace asks the server. @param abort of the round that asks */
export function traceQuestions(traceId: string, abort: () => AbortSignal): TraceQuestions {
  const arrived = async <Answer extends { readonly cursor?: string }>(
    answer: Promise<Answer>,
    items: (answer: Answer) => readonly object[] | undefined,
  ): Promise<Arrived> => {
    try {
      const answered = await answer;
      const came = (items(answered) ?? []).length > 0 ? "something" : "nothing";
      return { came, cursor: answered.cursor ?? "" };
    } catch (error) {
      if (refusesCursor(error as CallError)) return { came: "other run", cursor: "" };
      throw error;
    }
  };
  const request = { filter: { traceId }, limit: 1 };
  return {
    stats: () => call("GetStats", {}, abort()),
    newSpans: (after) => arrived(call("SearchSpans", { ...request, after }, abort()), ({ spans }) => spans),
    newLogs: (after) => arrived(call("SearchLogs", { ...request, after }, abort()), ({ logs }) => logs),
    async firstHeld() {
      try {
        // So small an answer has one span: the first that arrived.
        const { spans: [span] = [] } = await call("GetTrace", { traceId, maxBytes: 1 }, abort());
        return span?.cursor ?? "";
      } catch (error) {
        if ((error as CallError).code === "not_found") return "";
        throw error;
      }
    },
    count: async () => (await call("SummarizeSpans", { filter: { traceId } }, abort())).matched ?? 0,
  };
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
