import type { EncodedItem } from "../../../domain/encoded-item.ts";
import type { Shown } from "../../../use-cases/read/answer-page.ts";
import type { FoundTrace } from "../../../use-cases/read/find-traces.ts";
import { uiSpanOf } from "./ui-span.ts";

/** A span as JSON without its end, where the id of its process belongs, and its process as JSON. */
export interface SpanText {
  readonly start: Uint8Array;
  readonly process: string;
}

/** About the bytes that follow `start`. */
const endBytes = 24;

/** Makes the spans of one answer. A process counts as part of the first span that has it. */
export function uiSpans(): (encoded: EncodedItem) => Shown<SpanText> {
  const processes = new Set<string>();
  return (encoded) => {
    const { fields, process } = uiSpanOf(encoded);
    const start = utf8.encode(JSON.stringify(fields).slice(0, -1));
    const isNew = !processes.has(process);
    processes.add(process);
    const byteLength = start.byteLength + endBytes + (isNew ? Buffer.byteLength(process) + endBytes : 0);
    return { value: { start, process }, byteLength };
  };
}

/** The pieces of a trace in Jaeger's JSON for its UI. */
export function* uiTrace({ traceId, spans, spansLeftOut }: FoundTrace<SpanText>): Generator<Uint8Array> {
  const ids = new Map<string, string>();
  yield utf8.encode(`{"traceID":"${traceId}","spans":[`);
  for (const [i, { start, process }] of spans.entries()) {
    const id = ids.get(process) ?? `p${ids.size + 1}`;
    ids.set(process, id);
    if (i > 0) yield comma;
    yield start;
    yield utf8.encode(`,"processID":"${id}"}`);
  }
  const warnings =
    spansLeftOut === 0 ? null : [`${spansLeftOut} spans of this trace do not fit into the answer`];
  yield utf8.encode('],"processes":{');
  for (const [process, id] of ids) yield utf8.encode(`${id === "p1" ? "" : ","}"${id}":${process}`);
  yield utf8.encode(`},"warnings":${JSON.stringify(warnings)}}`);
}

const utf8 = new TextEncoder();
const comma = utf8.encode(",");
