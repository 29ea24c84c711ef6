import { create, fromJson, type JsonObject, type JsonValue, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type Duration,
  DurationSchema,
  type Timestamp,
  TimestampSchema,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import type { SeverityNumber } from "../../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import type {
  Span_SpanKind,
  Status_StatusCode,
} from "../../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type {
  Attributes,
  AttributeValue,
  ItemContext,
  LogRecord,
  ResourceDetails,
  Span,
  TraceSummary,
} from "../../../domain/telemetry.ts";
import { isKnownTime } from "../../../domain/time.ts";

/*
 * Items as messages of the API. Fields that query.proto marks as optional are left out when they are zero or
 * empty; all others are always present in JSON (`apiJsonOptions`). OTLP's enums are open: values that this
 * server does not know are shown as numbers.
 */

export function toSpan(span: Span, cursor: string): pb.Span {
  return create(pb.SpanSchema, {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    kind: span.kind as Span_SpanKind,
    startTime: toTimestamp(span.startUnixNano),
    endTime: toTimestamp(span.endUnixNano),
    duration: toDuration(span.startUnixNano, span.endUnixNano),
    attributes: toStruct(span.attributes),
    events: span.events.map((event) => ({
      time: toTimestamp(event.timeUnixNano),
      name: event.name,
      attributes: toStruct(event.attributes),
      droppedAttributesCount: unlessZero(event.droppedAttributesCount),
    })),
    links: span.links.map((link) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      attributes: toStruct(link.attributes),
      traceState: unlessEmpty(link.traceState),
      flags: unlessZero(link.flags),
      droppedAttributesCount: unlessZero(link.droppedAttributesCount),
    })),
    status: { code: span.status.code as Status_StatusCode, message: span.status.message },
    ...toContext(span),
    cursor,
    traceState: unlessEmpty(span.traceState),
    flags: unlessZero(span.flags),
    droppedAttributesCount: unlessZero(span.droppedAttributesCount),
    droppedEventsCount: unlessZero(span.droppedEventsCount),
    droppedLinksCount: unlessZero(span.droppedLinksCount),
  });
}

export function toTraceSummary(trace: TraceSummary, cursor: string): pb.TraceSummary {
  return create(pb.TraceSummarySchema, {
    traceId: trace.traceId,
    rootName: trace.rootName,
    rootService: trace.rootService,
    services: [...trace.services],
    spanCount: trace.spanCount,
    errorCount: trace.errorCount,
    startTime: toTimestamp(trace.startUnixNano),
    duration: toDuration(trace.startUnixNano, trace.endUnixNano),
    cursor,
    ...(trace.firstSpanName !== undefined && { firstSpanName: trace.firstSpanName }),
    ...(trace.errorMessage !== undefined && { errorMessage: trace.errorMessage }),
  });
}

export function toLogRecord(log: LogRecord, cursor: string): pb.LogRecord {
  return create(pb.LogRecordSchema, {
    time: toTimestamp(log.timeUnixNano),
    observedTime: toTimestamp(log.observedTimeUnixNano),
    severity: log.severityNumber as SeverityNumber,
    severityText: log.severityText,
    body: log.body === undefined ? undefined : fromJson(ValueSchema, toJsonValue(log.body)),
    eventName: log.eventName,
    attributes: toStruct(log.attributes),
    traceId: log.traceId,
    spanId: log.spanId,
    ...toContext(log),
    cursor,
    flags: unlessZero(log.flags),
    droppedAttributesCount: unlessZero(log.droppedAttributesCount),
  });
}

/** The fields that items of every signal have. */
export function toContext({ service, resource, resourceDetails, scope, omittedBytes }: ItemContext) {
  return {
    service,
    resource: toStruct(resource),
    resourceDetails: toResourceDetails(resourceDetails),
    scope: {
      name: scope.name,
      version: scope.version,
      attributes: unlessNone(scope.attributes),
      droppedAttributesCount: unlessZero(scope.droppedAttributesCount),
      schemaUrl: unlessEmpty(scope.schemaUrl),
    },
    omittedBytes: unlessZero(omittedBytes),
  } satisfies MessageInitShape<typeof pb.SpanSchema>;
}

function toResourceDetails({ schemaUrl, droppedAttributesCount, entityRefs }: ResourceDetails) {
  if (schemaUrl === "" && droppedAttributesCount === 0 && entityRefs.length === 0) return undefined;
  return {
    schemaUrl: unlessEmpty(schemaUrl),
    droppedAttributesCount: unlessZero(droppedAttributesCount),
    entityRefs: entityRefs.map((entity) => ({
      schemaUrl: unlessEmpty(entity.schemaUrl),
      type: entity.type,
      idKeys: [...entity.idKeys],
      descriptionKeys: [...entity.descriptionKeys],
    })),
  };
}

const nanosPerSecond = 1_000_000_000n;

/** Undefined for a time that is not known. */
export function toTimestamp(unixNano: bigint): Timestamp | undefined {
  if (!isKnownTime(unixNano)) {
    return undefined;
  }
  return toKnownTimestamp(unixNano);
}

/** A time that is known also when it is the epoch itself. */
export function toKnownTimestamp(unixNano: bigint): Timestamp {
  return create(TimestampSchema, {
    seconds: unixNano / nanosPerSecond,
    nanos: Number(unixNano % nanosPerSecond),
  });
}

export function toDuration(startUnixNano: bigint, endUnixNano: bigint): Duration | undefined {
  if (!isKnownTime(startUnixNano) || !isKnownTime(endUnixNano)) {
    return undefined;
  }
  return toDurationOf(endUnixNano - startUnixNano);
}

/** A duration in nanoseconds as protobuf has it. A number is not negative. */
export function toDurationOf(nanos: number | bigint): Duration {
  if (typeof nanos === "bigint") {
    return create(DurationSchema, { seconds: nanos / nanosPerSecond, nanos: Number(nanos % nanosPerSecond) });
  }
  return create(DurationSchema, { seconds: BigInt(Math.floor(nanos / 1e9)), nanos: Math.floor(nanos % 1e9) });
}

/** Protobuf-ES represents a Struct as a JSON object, with a type that lacks `readonly`. */
export function toStruct(attributes: Attributes): JsonObject {
  return attributes as JsonObject;
}

function toJsonValue(value: AttributeValue): JsonValue {
  return value as JsonValue;
}

/** Undefined when there are no attributes. */
export function unlessNone(attributes: Attributes): JsonObject | undefined {
  return Object.keys(attributes).length === 0 ? undefined : toStruct(attributes);
}

export function unlessZero(count: number): number | undefined {
  return count === 0 ? undefined : count;
}

function unlessEmpty(text: string): string | undefined {
  return text === "" ? undefined : text;
}
