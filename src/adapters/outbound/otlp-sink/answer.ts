import { fromBinary } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { anyUnpack, durationMs } from "@bufbuild/protobuf/wkt";
import { RetryInfoSchema } from "../../../../gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../../../gen/google/rpc/status_pb.ts";
import { contentTypes, isGrpc, isJson, mediaTypeOf } from "../../../otlp/content-types.ts";
import { COMPRESSED_FLAG, PREFIX_BYTES } from "../../../otlp/message-prefix.ts";
import { responseSchemas } from "../../../otlp/services.ts";
import { wireFaultAt } from "../../../otlp/wire/wire-fault.ts";
import { readVarint, WireFields } from "../../../otlp/wire/wire-fields.ts";
import type { Delivery } from "../../../ports/telemetry-sink.ts";
import { type Fate, failedDelivery } from "../fate.ts";
import { type AnswerBody, inflateAnswer } from "./answer-body.ts";

interface GrpcStatus {
  /** The name as google.rpc.Code spells it. */
  readonly name: string;
  readonly fate: Fate;
}

/**
 * The statuses of gRPC, by number. OTLP 1.11, "Failures" of OTLP/gRPC, says which are retried. Two depart from it:
 * - UNAUTHENTICATED and PERMISSION_DENIED are tried again, because a token can be renewed.
 * - RESOURCE_EXHAUSTED without RetryInfo is final there. gRPC's libraries answer so to a message over their limit, so
 *   that parts of the request may be taken.
 */
const grpcStatuses: readonly GrpcStatus[] = [
  { name: "OK", fate: "refused" },
  { name: "CANCELLED", fate: "retry" },
  { name: "UNKNOWN", fate: "refused" },
  { name: "INVALID_ARGUMENT", fate: "refused" },
  { name: "DEADLINE_EXCEEDED", fate: "retry" },
  { name: "NOT_FOUND", fate: "refused" },
  { name: "ALREADY_EXISTS", fate: "refused" },
  { name: "PERMISSION_DENIED", fate: "config" },
  { name: "RESOURCE_EXHAUSTED", fate: "retry-or-split" },
  { name: "FAILED_PRECONDITION", fate: "none" },
  { name: "ABORTED", fate: "retry" },
  { name: "OUT_OF_RANGE", fate: "retry" },
  { name: "UNIMPLEMENTED", fate: "none" },
  { name: "INTERNAL", fate: "refused" },
  { name: "UNAVAILABLE", fate: "retry" },
  { name: "DATA_LOSS", fate: "retry" },
  { name: "UNAUTHENTICATED", fate: "config" },
];

/**
 * OTLP 1.11, "Retryable Response Codes" of OTLP/HTTP. Something between the sink and its endpoint answers with 407 and
 * 511, as with a redirect: it wants to be told who is there first.
 */
const httpFates: Readonly<Record<number, Fate>> = {
  401: "config",
  403: "config",
  404: "none",
  405: "none",
  407: "config",
  413: "too-large",
  429: "retry",
  502: "retry",
  503: "retry",
  504: "retry",
  511: "config",
};

function httpFateOf(status: number): Fate {
  return httpFates[status] ?? (status >= 300 && status <= 399 ? "config" : "refused");
}

/** gRPC's http-grpc-status-mapping.md, for answers of something that is no gRPC server. */
const grpcStatusOfHttp: Readonly<Record<number, number>> = {
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  502: 14,
  503: 14,
  504: 14,
};
const unknownStatus = 2;

/**
 * Servers of obsvty that hand on in a circle say this with FAILED_PRECONDITION, whoever of them has found it. It is the
 * code of the failure, too, which an exporter is told that waits for the delivery.
 */
const loopCode = "forwarding loop";
/** Spaces may be encoded. */
const loopPattern = /forwarding(?: |%20)loop/;
const failedPrecondition = 9;

const outOfRange = 11;
/** What tonic, the gRPC of Rust, says of a message over its limit, with OUT_OF_RANGE. Spaces may be encoded. */
const tonicTooLarge = /message(?: |%20)length(?: |%20)too(?: |%20)large/;

/**
 * What a gRPC status other than OK says of a delivery.
 * @param message `grpc-message`, which is looked at and not shown
 */
export function grpcFailure(status: number, retryAfterMs: number | undefined, message = ""): Delivery {
  if (status === outOfRange && tonicTooLarge.test(message))
    return failedDelivery("OUT_OF_RANGE", "too-large");
  if (status === failedPrecondition && loopPattern.test(message)) return failedDelivery(loopCode, "none");
  const { name, fate } = grpcStatuses[status] ?? { name: `gRPC ${status}`, fate: "refused" };
  return failedDelivery(name, fate, retryAfterMs);
}

/** What the HTTP status of an answer without a gRPC status says. */
export function notGrpcFailure(httpStatus: number): Delivery {
  const ofHttp = httpFateOf(httpStatus);
  // A proxy in front of the server answers so, and gRPC has no row for it.
  if (ofHttp === "too-large" || ofHttp === "config") return httpFailure(httpStatus, undefined);
  const { fate } = grpcStatuses[grpcStatusOfHttp[httpStatus] ?? unknownStatus] ?? { fate: "refused" };
  return failedDelivery(`HTTP ${httpStatus}`, fate);
}

/**
 * What an HTTP status other than 2xx says of a delivery by OTLP/HTTP.
 * @param body a google.rpc.Status, perhaps, which is looked at and not shown
 */
export function httpFailure(
  status: number,
  retryAfterMs: number | undefined,
  body: AnswerBody = "too long",
): Delivery {
  const text = body === "too long" ? "" : Buffer.from(body).toString("latin1");
  if (status === 400 && loopPattern.test(text)) return failedDelivery(loopCode, "none");
  return failedDelivery(`HTTP ${status}`, httpFateOf(status), retryAfterMs);
}

/** Field 1 of every Export*ServiceResponse, and field 1 of every Export*PartialSuccess. */
const partialSuccessField = 1;
const rejectedField = 1;

/**
 * Success in an answer that is not OTLP's, such as a page of a proxy on which people log in: nobody may have kept the
 * items.
 */
export const noExportResponse: Delivery = { kind: "later", code: "success without an Export response" };

/** What a response message says: whether items were rejected. */
export function successOf(message: Uint8Array): Delivery {
  // The responses of all signals have the same fields.
  if (wireFaultAt(responseSchemas.traces, message) !== undefined) return noExportResponse;
  let rejected = 0;
  for (const field of fieldsOf(message, 0, message.byteLength)) {
    if (field.number !== partialSuccessField || field.wireType !== WireType.LengthDelimited) continue;
    for (const inner of fieldsOf(message, field.valueAt, field.end)) {
      if (inner.number !== rejectedField || inner.wireType !== WireType.Varint) continue;
      const { value = 0 } = readVarint(message, inner.valueAt, inner.end) ?? {};
      // A negative count says nothing.
      rejected = value < 2 ** 63 ? value : 0;
    }
  }
  return takenBut(rejected);
}

function takenBut(rejected: number): Delivery {
  return rejected > 0 ? { kind: "partly-delivered", rejected } : { kind: "delivered" };
}

const responseFields = new Set(["partialSuccess", "partial_success"]);

/** What a response message in JSON says. Requests are sent in protobuf, but some endpoints answer all in JSON. */
function jsonSuccessOf(text: string): Delivery {
  let response: unknown;
  try {
    response = JSON.parse(text);
  } catch {
    return noExportResponse;
  }
  if (!isObject(response) || Object.keys(response).some((name) => !responseFields.has(name)))
    return noExportResponse;
  const [partial = {}] = Object.values(response);
  if (!isObject(partial)) return noExportResponse;
  const rejected = Object.entries(partial).find(([name]) => /^rejected[_A-Z]/.test(name))?.[1] ?? 0;
  return takenBut(Number(rejected));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What an answer of OTLP/HTTP with a status of 2xx says. */
export function httpSuccess(contentType: string | undefined, body: AnswerBody): Delivery {
  const type = mediaTypeOf(contentType);
  if (body === "too long") return type === contentTypes.otlpProto ? takenBut(0) : noExportResponse;
  // Nothing is a message without fields, whatever its type.
  if (body.byteLength === 0) return takenBut(0);
  if (isJson(type)) return jsonSuccessOf(Buffer.from(body).toString());
  // Endpoints that name no type or a wrong one are taken at their word when it is protobuf. No text is.
  return type.startsWith("text/") ? noExportResponse : successOf(body);
}

/** What a gRPC answer with the status OK says. */
export function grpcSuccess(contentType: string | undefined, body: AnswerBody, encoding?: string): Delivery {
  if (!isGrpc(mediaTypeOf(contentType))) return noExportResponse;
  if (body === "too long") return takenBut(0);
  if (body.byteLength < PREFIX_BYTES) return noExportResponse;
  const message = body.subarray(PREFIX_BYTES);
  if ((body[0] ?? 0) !== COMPRESSED_FLAG) return successOf(message);
  // Some servers answer in the compression of the request without being asked to, as those of Go do.
  const inflated = inflateAnswer(message, encoding);
  return inflated === undefined ? noExportResponse : successOf(inflated);
}

function* fieldsOf(bytes: Uint8Array, at: number, end: number) {
  for (const field = new WireFields(bytes, at, end); field.next() && field.end <= end; ) yield field;
}

/** The delay of the RetryInfo in a `grpc-status-details-bin`. */
export function retryInfoMs(details: string | undefined): number | undefined {
  if (details === undefined) return undefined;
  try {
    for (const detail of fromBinary(StatusSchema, Buffer.from(details, "base64")).details) {
      const info = anyUnpack(detail, RetryInfoSchema);
      if (info !== undefined)
        return Math.max(0, info.retryDelay === undefined ? 0 : durationMs(info.retryDelay));
    }
  } catch {
    // What cannot be read gives no hint.
  }
  return undefined;
}

/** The forms of a date begin with the name of a day (RFC 9110, 5.6.7). `Date.parse` takes "-5" and "1.5" for dates. */
const beginsWithDay = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/** `Retry-After`: seconds, or a date (RFC 9110, 10.2.3). */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1_000;
  const dateMs = beginsWithDay.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
