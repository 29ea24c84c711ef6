import { toJsonString } from "@bufbuild/protobuf";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import { Span_SpanKindSchema } from "../../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import { apiJsonWriteOptions } from "../../../api/json-options.ts";
import { statusCodeError } from "../../../domain/telemetry.ts";
import { isKnownTime } from "../../../domain/time.ts";
import type { Shown } from "../../../use-cases/read/answer-page.ts";
import type { OutlineNode } from "../../../use-cases/read/outline/outline-node.ts";
import { shortName } from "../../../use-cases/read/short-name.ts";
import { toOutlineSpan } from "./outline-to-proto.ts";

/*
 * A page waits for the outline of a trace, which may have 80,000 spans. Making a message of each, and JSON of that by
 * Protobuf-ES, takes five times as long as writing the text of `toOutlineSpan` here. A test holds that both are the same.
 */

/** An OutlineSpan in the API's JSON. */
export function showOutlineSpan(node: OutlineNode): Shown<string> {
  const value = outlineSpanJson(node);
  // With the comma after it.
  return { value, byteLength: Buffer.byteLength(value) + 1 };
}

function outlineSpanJson(node: OutlineNode): string {
  const { span, depth } = node;
  const { startUnixNano, endUnixNano } = span;
  const kind = kindNames.get(span.kind);
  const hasStart = isKnownTime(startUnixNano);
  const hasDuration = hasStart && isKnownTime(endUnixNano);
  const isOdd = kind === undefined || (hasDuration && endUnixNano < startUnixNano);
  if (isOdd || node.isLong)
    return toJsonString(pb.OutlineSpanSchema, toOutlineSpan(node), apiJsonWriteOptions);
  const { start, end, self, critical } = node;
  let text =
    `{"spanId":"${span.spanId}","parentSpanId":"${span.parentSpanId}","depth":${depth},"name":${quoted(span.name)},` +
    `"service":${quoted(span.service)},"kind":"${kind}","failed":${span.statusCode === statusCodeError}`;
  if (hasStart) text += `,"start":"${durationText(start)}"`;
  if (hasDuration) text += `,"duration":"${durationText(end - start)}"`;
  if (self > 0) text += `,"self":"${durationText(self)}"`;
  if (critical > 0) text += `,"critical":"${durationText(critical)}"`;
  return `${text}}`;
}

const kindNames = new Map<number, string>(
  Span_SpanKindSchema.values.map(({ number, name }) => [number, name]),
);

/** Most spans have one of a few names. */
const quotedTexts = new Map<string, string>();
const maxQuotedTexts = 1_000;

function quoted(text: string): string {
  const known = quotedTexts.get(text);
  if (known !== undefined) return known;
  const json = JSON.stringify(shortName(text));
  if (text.length > 256) return json;
  if (quotedTexts.size === maxQuotedTexts) quotedTexts.clear();
  quotedTexts.set(text, json);
  return json;
}

/** A duration in nanoseconds as protobuf's JSON has it: with 0, 3, 6 or 9 digits after the point. */
function durationText(nanos: number): string {
  const whole = Math.floor(nanos);
  const seconds = Math.floor(whole / 1e9);
  const rest = whole - seconds * 1e9;
  if (rest === 0) return `${seconds}s`;
  const digits = String(rest + 1e9);
  return `${seconds}.${digits.slice(1, rest % 1e6 === 0 ? 4 : rest % 1e3 === 0 ? 7 : 10)}s`;
}
