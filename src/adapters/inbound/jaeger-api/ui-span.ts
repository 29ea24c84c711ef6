import type { AnyValue, KeyValue } from "../../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import { InstrumentationScopeSchema } from "../../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import { ResourceSchema } from "../../../../gen/opentelemetry/proto/resource/v1/resource_pb.ts";
import { type Span, SpanSchema } from "../../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { EncodedItem } from "../../../domain/encoded-item.ts";
import { statusCodeError } from "../../../domain/telemetry.ts";
import { fromAnyValue } from "../../../otlp/decode/any-value.ts";
import { maxCost, readBounded } from "../../../otlp/decode/bounded-message.ts";
import { readService } from "../../../otlp/decode/decode-item.ts";
import { hexId } from "../../../otlp/decode/hex-id.ts";
import { onceForSameBytes } from "../../../otlp/decode/shared-bytes.ts";
import { fieldTags, isParentLink, kindName, shownService, statusName } from "./span-tags.ts";

/** A tag in Jaeger's JSON for its UI. */
interface Tag {
  readonly key: string;
  readonly type: "string" | "bool" | "int64" | "float64" | "binary";
  readonly value: string | number | boolean;
}

/** A span in Jaeger's JSON for its UI, and the process that sent it. */
export interface UiSpan {
  /** The span but for the id of its process. */
  readonly fields: object;
  /** The process as JSON. Spans of one resource share the string. */
  readonly process: string;
}

/** A span as Jaeger's UI reads it: times in microseconds, attributes and what OTLP has fields for as tags. */
export function uiSpanOf(encoded: EncodedItem): UiSpan {
  const { message: span, omittedBytes } = readBounded(SpanSchema, encoded.item, maxCost.item);
  const startTime = micros(span.startTimeUnixNano);
  const took = span.endTimeUnixNano - span.startTimeUnixNano;
  const isTimed = span.startTimeUnixNano > 0n && took > 0n;
  return {
    fields: {
      traceID: hexId(span.traceId),
      spanID: hexId(span.spanId),
      operationName: span.name,
      references: referencesOf(span),
      startTime,
      duration: isTimed ? micros(took) : 0,
      tags: [...scopeTags(encoded.scope), ...tagsOf(span.attributes), ...ownTags(span)],
      logs: span.events.map(logOf),
      warnings:
        omittedBytes > 0 ? [`${omittedBytes} bytes of this span are not shown: too many fields`] : null,
    },
    process: processOf(encoded.resource),
  };
}

function referencesOf({ traceId, parentSpanId, links }: Span) {
  const parent = hexId(parentSpanId);
  return [
    ...(parent === "" ? [] : [{ refType: "CHILD_OF", traceID: hexId(traceId), spanID: parent }]),
    // A link without an id leads nowhere.
    ...links
      .filter((link) => hexId(link.traceId) !== "" && hexId(link.spanId) !== "")
      .map((link) => ({
        refType: isParentLink(link) ? "CHILD_OF" : "FOLLOWS_FROM",
        traceID: hexId(link.traceId),
        spanID: hexId(link.spanId),
      })),
  ];
}

/** The tags for what OTLP has fields for. */
function ownTags(span: Span): Tag[] {
  const { kind, status, traceState } = span;
  const { code = 0, message = "" } = status ?? {};
  return [
    ...textTag(fieldTags.kind, kindName(kind)),
    ...textTag(fieldTags.status, statusName(code)),
    ...(code === statusCodeError ? [{ key: fieldTags.error, type: "bool", value: true } as const] : []),
    ...textTag(fieldTags.statusMessage, message),
    ...textTag(fieldTags.traceState, traceState),
    ...countTag(fieldTags.droppedAttributes, span.droppedAttributesCount),
    ...countTag(fieldTags.droppedEvents, span.droppedEventsCount),
    ...countTag(fieldTags.droppedLinks, span.droppedLinksCount),
  ];
}

const scopeTags = onceForSameBytes((bytes): Tag[] => {
  const { name, version } = readBounded(InstrumentationScopeSchema, bytes, maxCost.context).message;
  return [...textTag(fieldTags.scopeName, name), ...textTag(fieldTags.scopeVersion, version)];
});

const processes = onceForSameBytes((bytes): { readonly json: string } => {
  const { attributes } = readBounded(ResourceSchema, bytes, maxCost.context).message;
  const tags = tagsOf(attributes.filter(({ key }) => key !== "service.name"));
  return { json: JSON.stringify({ serviceName: shownService(readService(bytes)), tags }) };
});

function processOf(resource: Uint8Array): string {
  return processes(resource).json;
}

function logOf({ timeUnixNano, name, attributes, droppedAttributesCount }: Span["events"][number]) {
  const hasEvent = attributes.some(({ key }) => key === "event");
  return {
    timestamp: micros(timeUnixNano),
    fields: [
      ...(hasEvent ? [] : textTag("event", name)),
      ...tagsOf(attributes),
      ...countTag(fieldTags.droppedAttributes, droppedAttributesCount),
    ],
  };
}

function tagsOf(attributes: readonly KeyValue[]): Tag[] {
  return attributes.map(({ key, value }) => ({ key, ...tagValue(value) }));
}

function tagValue(any: AnyValue | undefined): Omit<Tag, "key"> {
  const shown = fromAnyValue(any);
  switch (any?.value.case) {
    case "boolValue":
      return { type: "bool", value: any.value.value };
    case "intValue":
      return { type: "int64", value: shown as number | string };
    case "doubleValue":
      return { type: "float64", value: shown as number | string };
    case "bytesValue":
      return { type: "binary", value: shown as string };
    default:
      return {
        type: "string",
        value: typeof shown === "string" ? shown : shown === null ? "" : JSON.stringify(shown),
      };
  }
}

function textTag(key: string, value: string): Tag[] {
  return value === "" ? [] : [{ key, type: "string", value }];
}

function countTag(key: string, value: number): Tag[] {
  return value === 0 ? [] : [{ key, type: "int64", value }];
}

function micros(nano: bigint): number {
  return Number(nano / 1_000n);
}
