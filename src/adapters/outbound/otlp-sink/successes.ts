import { WireType } from "@bufbuild/protobuf/wire";
import { contentTypes, isGrpc, isJson, mediaTypeOf } from "../../../otlp/content-types.ts";
import { COMPRESSED_FLAG, PREFIX_BYTES } from "../../../otlp/message-prefix.ts";
import { responseSchemas } from "../../../otlp/services.ts";
import { wireFaultAt } from "../../../otlp/wire/wire-fault.ts";
import { readVarint, WireFields } from "../../../otlp/wire/wire-fields.ts";
import type { Delivery } from "../../../ports/telemetry-sink.ts";
import { type AnswerBody, inflateAnswer } from "./answer-body.ts";

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
