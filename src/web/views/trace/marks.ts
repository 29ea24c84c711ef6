import type {
  GetTraceOutlineResponseJson,
  LogRecordJson,
  SpanJson,
} from "../../../../gen/obsvty/v1/query_pb.ts";
import { parseTime } from "../../format/time.ts";
import { valueText } from "../../format/value.ts";
import type { SpanNode } from "./span-nodes.ts";
import type { Mark } from "./waterfall.ts";

/** What has been read of a trace. */
export interface ReadTrace {
  readonly outline: GetTraceOutlineResponseJson;
  /** The spans of the outline. */
  readonly nodes: readonly SpanNode[];
  readonly logs: readonly LogRecordJson[];
  /**
   * Those that have been read, by the index of their node: none of a trace of many spans, and not the last ones where
   * they are large.
   */
  readonly spans: ReadonlyMap<number, SpanJson>;
}

/** The log records and events by the index of their span, each at its time. */
export function marksOf({ outline, nodes, logs, spans }: ReadTrace) {
  const origin = parseTime(outline.startTime);
  const at = (text: string | undefined): number | undefined => {
    const time = parseTime(text);
    return time === undefined || origin === undefined ? undefined : Number(time - origin);
  };
  const marks = new Map<number, Mark[]>();
  const add = (node: number, mark: Mark) => {
    const list = marks.get(node);
    if (list === undefined) marks.set(node, [mark]);
    else list.push(mark);
  };
  for (const [node, { events = [] }] of spans) {
    for (const [index, event] of events.entries()) {
      const { time, name = "", attributes } = event;
      const message = valueText(attributes?.["exception.message"]);
      add(node, {
        kind: "event",
        event,
        key: `event.${index}`,
        atNs: at(time),
        text: message === "" ? name : `${name}: ${message}`,
        failed: name === "exception",
      });
    }
  }
  const nodeOf = nodesOfLogs(nodes, logs);
  for (const record of logs) {
    const severity = String(record.severity ?? "").replace("SEVERITY_NUMBER_", "");
    add(nodeOf(record), {
      kind: "log",
      record,
      key: logKey(record),
      atNs: at(record.time ?? record.observedTime),
      text: `${severity === "UNSPECIFIED" ? "" : severity} ${valueText(record.body)}`.trim(),
      failed: /^(?:ERROR|FATAL)/.test(severity),
    });
  }
  for (const list of marks.values()) list.sort((one, other) => (one.atNs ?? 0) - (other.atNs ?? 0));
  return marks;
}

/** As the address names a log record of a trace. */
export function logKey({ cursor = "" }: LogRecordJson): string {
  return `log.${cursor}`;
}

/** Finds the index of the span of a log record; -1 where it is not held. Of several with one id, the one of its service. */
function nodesOfLogs(nodes: readonly SpanNode[], logs: readonly LogRecordJson[]) {
  const wanted = new Map<string, number[]>(logs.map(({ spanId = "" }) => [spanId, []]));
  for (const [index, { id }] of nodes.entries()) wanted.get(id)?.push(index);
  return ({ spanId = "", service = "" }: LogRecordJson): number => {
    const same = wanted.get(spanId) ?? [];
    return same.find((index) => nodes[index]?.service === service) ?? same[0] ?? -1;
  };
}
