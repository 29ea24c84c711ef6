import {
  InstrumentationScopeSchema,
  type KeyValue,
} from "../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import { LogRecordSchema } from "../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import { ResourceSchema } from "../../../gen/opentelemetry/proto/resource/v1/resource_pb.ts";
import { SpanSchema } from "../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { EncodedItem } from "../../domain/encoded-item.ts";
import type {
  Attributes,
  ItemContext,
  LogRecord,
  MetricPoint,
  ResourceDetails,
  Scope,
  Span,
  SpanEvent,
  SpanLink,
} from "../../domain/telemetry.ts";
import { fromAnyValue, fromKeyValues } from "./any-value.ts";
import { maxCost, readBounded } from "./bounded-message.ts";
import { hexId } from "./hex-id.ts";
import { readMetric } from "./metric.ts";
import { readPoint } from "./point.ts";
import { onceForSameBytes } from "./shared-bytes.ts";

/*
 * The store keeps encoded bytes; these functions decode them when somebody reads. This is the cold path: some
 * microseconds an item. None of these functions throws on bytes that the scanner accepted. Unknown fields are
 * left out, unknown enum values are kept as numbers, invalid UTF-8 becomes U+FFFD.
 */

export function decodeSpan(encoded: EncodedItem): Span {
  const { message: span, omittedBytes } = readBounded(SpanSchema, encoded.item, maxCost.item);
  return {
    ...readContext(encoded, omittedBytes),
    traceId: hexId(span.traceId),
    spanId: hexId(span.spanId),
    parentSpanId: hexId(span.parentSpanId),
    traceState: span.traceState,
    flags: span.flags,
    name: span.name,
    kind: span.kind,
    startUnixNano: span.startTimeUnixNano,
    endUnixNano: span.endTimeUnixNano,
    attributes: fromKeyValues(span.attributes),
    events: span.events.map(
      (event): SpanEvent => ({
        timeUnixNano: event.timeUnixNano,
        name: event.name,
        attributes: fromKeyValues(event.attributes),
        droppedAttributesCount: event.droppedAttributesCount,
      }),
    ),
    links: span.links.map(
      (link): SpanLink => ({
        traceId: hexId(link.traceId),
        spanId: hexId(link.spanId),
        traceState: link.traceState,
        attributes: fromKeyValues(link.attributes),
        droppedAttributesCount: link.droppedAttributesCount,
        flags: link.flags,
      }),
    ),
    status: { code: span.status?.code ?? 0, message: span.status?.message ?? "" },
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
}

export function decodeLogRecord(encoded: EncodedItem): LogRecord {
  const { message: log, omittedBytes } = readBounded(LogRecordSchema, encoded.item, maxCost.item);
  return {
    ...readContext(encoded, omittedBytes),
    timeUnixNano: log.timeUnixNano,
    observedTimeUnixNano: log.observedTimeUnixNano,
    severityNumber: log.severityNumber,
    severityText: log.severityText,
    body: log.body === undefined ? undefined : fromAnyValue(log.body),
    eventName: log.eventName,
    attributes: fromKeyValues(log.attributes),
    droppedAttributesCount: log.droppedAttributesCount,
    flags: log.flags,
    traceId: hexId(log.traceId),
    spanId: hexId(log.spanId),
  };
}

/** @param encoded its `metric` is set; the member of the oneof `data` that is set there is the type of the point */
export function decodeMetricPoint(encoded: EncodedItem): MetricPoint {
  const metric = readMetric(encoded.metric ?? new Uint8Array());
  const point = readPoint(metric.fields.type, encoded.item);
  const omittedBytes = metric.omittedBytes + point.omittedBytes;
  return { ...readContext(encoded, omittedBytes), ...metric.fields, ...point.fields };
}

/** @param omittedBytes of the item and its metric */
export function readContext(encoded: EncodedItem, omittedBytes: number): ItemContext {
  const resource = readResource(encoded.resource);
  const scope = readScope(encoded.scope);
  return {
    ordinal: encoded.ordinal,
    service: resource.service,
    resource: resource.attributes,
    resourceDetails: { schemaUrl: encoded.resourceSchemaUrl, ...resource.details },
    scope: { ...scope.fields, schemaUrl: encoded.scopeSchemaUrl },
    omittedBytes: omittedBytes + resource.omittedBytes + scope.omittedBytes,
  };
}

interface ResourceFields {
  readonly service: string;
  readonly attributes: Attributes;
  readonly details: Omit<ResourceDetails, "schemaUrl">;
  readonly omittedBytes: number;
}

const readResource = onceForSameBytes((bytes): ResourceFields => {
  const { message, omittedBytes } = readBounded(ResourceSchema, bytes, maxCost.context);
  const { attributes, droppedAttributesCount, entityRefs } = message;
  return {
    service: serviceName(attributes),
    attributes: fromKeyValues(attributes),
    details: {
      droppedAttributesCount,
      entityRefs: entityRefs.map(({ schemaUrl, type, idKeys, descriptionKeys }) => ({
        schemaUrl,
        type,
        idKeys,
        descriptionKeys,
      })),
    },
    omittedBytes,
  };
});

interface ScopeFields {
  readonly fields: Omit<Scope, "schemaUrl">;
  readonly omittedBytes: number;
}

const readScope = onceForSameBytes((bytes): ScopeFields => {
  const { message, omittedBytes } = readBounded(InstrumentationScopeSchema, bytes, maxCost.context);
  const { name, version, attributes, droppedAttributesCount } = message;
  const fields = { name, version, attributes: fromKeyValues(attributes), droppedAttributesCount };
  return { fields, omittedBytes };
});

/** The service that a Resource names; "" when it names none. */
export function readService(resource: Uint8Array): string {
  return readResource(resource).service;
}

/** A `service.name` that is not a string names no service. The index of the store follows the same rule. */
function serviceName(resource: readonly KeyValue[]): string {
  const value = resource.findLast(({ key }) => key === "service.name")?.value?.value;
  return value?.case === "stringValue" ? value.value : "";
}
