import type {
  GetTraceOutlineResponseJson,
  LogRecordJson,
  SpanJson,
} from "../../../../gen/obsvty/v1/query_pb.ts";
import { call } from "../../api/call.ts";
import { parseTime } from "../../format/time.ts";
import { valueText } from "../../format/value.ts";
import type { Mark, SpanNode } from "./waterfall.ts";

/** Of a larger trace the spans are read only when somebody looks at them. */
const maxWholeSpans = 500;

const maxLogs = 1_000;

export interface TraceData {
  readonly outline: GetTraceOutlineResponseJson;
  readonly logs: readonly LogRecordJson[];
  /** By span id. Empty for a large trace. */
  readonly spans: ReadonlyMap<string, SpanJson>;
  /** There are more log records of this trace than are shown. */
  readonly moreLogs: boolean;
  /** How many spans of any trace went to make room since the server started; undefined where that does not matter. */
  readonly evicted: number | undefined;
}

export async function readTrace(traceId: string, abort: AbortSignal): Promise<TraceData> {
  const [outline, { logs = [], previous = "" }] = await Promise.all([
    call("GetTraceOutline", { traceId, maxBytes: 64 << 20 }, abort),
    call("SearchLogs", { filter: { traceId }, limit: maxLogs }, abort),
  ]);
  const lacksSpans = (outline.spans ?? []).some(
    ({ depth = 0, parentSpanId = "" }) => depth === 0 && parentSpanId,
  );
  const isSmall = (outline.spanCount ?? 0) <= maxWholeSpans;
  const spans = isSmall ? await readSpans(traceId, [], abort) : [];
  return {
    outline,
    logs,
    spans: new Map(spans.map((span) => [span.spanId ?? "", span])),
    moreLogs: logs.length === maxLogs && previous !== "",
    evicted: lacksSpans ? await evictedSpans(abort) : undefined,
  };
}

/** How many spans of any trace went to make room since the server started. */
export async function evictedSpans(abort: AbortSignal): Promise<number> {
  const { signals = {} } = await call("GetStats", {}, abort);
  return Number(signals.traces?.evicted ?? 0);
}

/** The spans that link to each span of the same trace, by its id. */
export function backLinks(
  traceId: string,
  spans: Iterable<SpanJson>,
): ReadonlyMap<string, readonly SpanJson[]> {
  const from = new Map<string, SpanJson[]>();
  for (const span of spans) {
    const linked = (span.links ?? []).filter((link) => link.traceId === traceId);
    for (const spanId of new Set(linked.map((link) => link.spanId ?? ""))) {
      from.set(spanId, [...(from.get(spanId) ?? []), span]);
    }
  }
  return from;
}

/** More that match than this are not told apart from each other by a person. */
export const maxFound = 1_000;

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
  return { ids, cut: spans.length === maxFound && previous !== "" };
}

/** All pages of a trace, or of some of its spans. */
export async function readSpans(
  traceId: string,
  spanIds: string[],
  abort: AbortSignal,
): Promise<readonly SpanJson[]> {
  const { spans = [] } = await call("GetTrace", { traceId, spanIds, maxBytes: 16 << 20 }, abort);
  return spans;
}

/** The log records and events by the index of their span, each at its time. */
export function marksOf({ outline, logs, spans }: TraceData, nodes: readonly SpanNode[]) {
  const origin = parseTime(outline.startTime);
  const at = (text: string | undefined): number | undefined => {
    const time = parseTime(text);
    return time === undefined || origin === undefined ? undefined : Number(time - origin);
  };
  const indexOf = new Map(nodes.map(({ id }, index) => [id, index]));
  const marks = new Map<number, Mark[]>();
  const add = (node: number, mark: Mark) => {
    const list = marks.get(node);
    if (list === undefined) marks.set(node, [mark]);
    else list.push(mark);
  };
  for (const [id, { events = [] }] of spans) {
    for (const { time, name = "", attributes } of events) {
      const message = valueText(attributes?.["exception.message"]);
      add(indexOf.get(id) ?? -1, {
        kind: "event",
        atNs: at(time),
        text: message === "" ? name : `${name}: ${message}`,
        failed: name === "exception",
      });
    }
  }
  for (const record of logs) {
    const severity = String(record.severity ?? "").replace("SEVERITY_NUMBER_", "");
    add(indexOf.get(record.spanId ?? "") ?? -1, {
      kind: "log",
      atNs: at(record.time ?? record.observedTime),
      text: `${severity === "UNSPECIFIED" ? "" : severity} ${valueText(record.body)}`.trim(),
      failed: /^(?:ERROR|FATAL)/.test(severity),
    });
  }
  for (const list of marks.values()) list.sort((one, other) => (one.atNs ?? 0) - (other.atNs ?? 0));
  return marks;
}
