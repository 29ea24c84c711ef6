import { STATUS_CODES } from "node:http";
import { createRegistry, toBinary, toJsonString } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import {
  codeToHttpStatus,
  endStreamFlag,
  endStreamToJson,
  errorToJson,
} from "@connectrpc/connect/protocol-connect";
import type { FastifyReply, FastifyRequest } from "fastify";
import { RetryInfoSchema } from "../../../../gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../../../gen/google/rpc/status_pb.ts";
import type { ErrorCode, ObsvtyError } from "../../../domain/errors.ts";
import { contentTypes, mediaTypeOf } from "../../../otlp/content-types.ts";
import { acceptedEncodings } from "../body/codecs.ts";
import { type Caller, callerOf } from "../caller/caller.ts";
import { callerProtocolOf } from "../caller/caller-protocol.ts";
import { connectErrorOf } from "./connect-error.ts";
import { grpcStatusFields } from "./grpc-status.ts";
import { type RawResponse, sendRaw } from "./raw-response.ts";
import { recordRefusal } from "./refusal.ts";
import { retryAfterSeconds, rpcStatusOf } from "./rpc-status.ts";
import { errorStatus, statusOf } from "./status.ts";

/**
 * Answers a request with an error in the caller's own protocol, and records the refusal. Headers already
 * set on the reply (`allow`) are sent too. The body may be unread, and the reply may be hijacked.
 */
export function replyWithError(request: FastifyRequest, reply: FastifyReply, error: ObsvtyError): void {
  recordRefusal(request, error);
  sendRaw(request, reply, errorResponse(callerOf(request), error));
}

/** The answer that tells a caller of an error in the caller's own protocol. */
export function errorResponse(
  caller: Pick<Caller, "url" | "headers" | "httpVersionMajor">,
  error: ObsvtyError,
): RawResponse {
  const type = caller.headers["content-type"] ?? "";
  switch (callerProtocolOf(caller)) {
    case "grpc":
      // Trailers-Only, one HEADERS frame: some clients (OkHttp on Java) read the status of an error only there.
      return grpcResponse(error, contentTypes.grpc);
    case "grpc-web":
      return grpcResponse(error, type);
    case "grpc-over-http1":
      // HTTP/1.1 clients read no trailers, and gRPC cannot say anything without them (RFC 9110, 15.6.6).
      // What it takes over HTTP/1.1 instead is Connect or gRPC-Web, so that the body has a code that these know.
      return { ...connectUnaryResponse(error), status: httpStatusUnderRpc(error.code, 505) };
    case "connect-unary":
      return connectUnaryResponse(error);
    case "connect-stream":
      return connectStreamResponse(error, type);
    case "otlp-http":
      return otlpHttpResponse(error, type);
    case "jaeger-ui":
      return jaegerUiResponse(error);
    case "jaeger-v3":
      return jaegerV3Response(error);
    case "plain":
      return plainResponse(error, statusOf(error).http);
  }
}

function grpcResponse(error: ObsvtyError, type: string): RawResponse {
  const headers = { "content-type": type, ...grpcStatusFields(error) };
  return { status: httpStatusUnderRpc(error.code, 200), headers, body: empty };
}

function connectUnaryResponse(error: ObsvtyError): RawResponse {
  // Connect's clients take a 405 or a 415 for `unknown` (connectrpc.com/docs/protocol, "HTTP to Error Code").
  const code = isBelowRpc(error.code) ? Code.Unknown : statusOf(error).rpc;
  const connectError = connectErrorOf(error, code);
  // Connect's 501 is for a method that a service has not implemented; a path without a service is a 404.
  const status = error.code === "unknown-method" ? 404 : codeToHttpStatus(connectError.code);
  return {
    status: httpStatusUnderRpc(error.code, status),
    headers: {
      ...Object.fromEntries(connectError.metadata),
      // An unknown type does not say that the caller speaks Connect, whose errors have exactly the other type.
      "content-type":
        error.code === "unsupported-media-type" ? contentTypes.jsonWithCharset : contentTypes.json,
    },
    body: json(errorToJson(connectError, { registry })),
  };
}

/** An end-of-stream envelope with the error, after no message (connectrpc.com/docs/protocol). */
function connectStreamResponse(error: ObsvtyError, type: string): RawResponse {
  const connectError = connectErrorOf(error, statusOf(error).rpc);
  const end = endStreamToJson(connectError.metadata, connectError, { registry });
  return {
    status: httpStatusUnderRpc(error.code, 200),
    headers: { "content-type": type },
    body: encodeEnvelope(endStreamFlag, json(end)),
  };
}

/** Refusals of the HTTP request itself keep their HTTP status under every RPC protocol. */
function httpStatusUnderRpc(code: ErrorCode, otherwise: number): number {
  return isBelowRpc(code) ? errorStatus[code].http : otherwise;
}

function isBelowRpc(code: ErrorCode): boolean {
  return code === "method-not-allowed" || code === "unsupported-media-type";
}

/** `google.rpc.Status` in the request's own type, JSON when it named none (OTLP 1.11, "OTLP/HTTP Response"). */
function otlpHttpResponse(error: ObsvtyError, requestType: string): RawResponse {
  const { http, rpc } = statusOf(error);
  const status = rpcStatusOf(error, rpc);
  const binary = mediaTypeOf(requestType) === contentTypes.otlpProto;
  return {
    status: http,
    headers: {
      "content-type": binary ? contentTypes.otlpProto : contentTypes.json,
      ...retryAfter(error),
      // RFC 9110, 12.5.3: says that the encoding caused the 415, and names the known encodings.
      ...(error.code === "unknown-encoding" && { "accept-encoding": acceptedEncodings }),
    },
    body: binary
      ? toBinary(StatusSchema, status)
      : utf8.encode(toJsonString(StatusSchema, status, { registry })),
  };
}

/** The frame of all answers to Jaeger's UI (`structuredResponse` in Jaeger's `http_handler.go`). */
function jaegerUiResponse(error: ObsvtyError): RawResponse {
  const { http } = statusOf(error);
  const errors = [{ code: http, msg: error.message }];
  return {
    status: http,
    headers: { "content-type": contentTypes.json, ...retryAfter(error) },
    body: json({ data: null, total: 0, limit: 0, offset: 0, errors }),
  };
}

/** `GRPCGatewayError` of Jaeger's api_v3. */
function jaegerV3Response(error: ObsvtyError): RawResponse {
  const { http, code } = statusOf(error);
  const { message } = error;
  return {
    status: http,
    headers: { "content-type": contentTypes.json, ...retryAfter(error) },
    body: json({ error: { grpcCode: code, httpCode: http, message, httpStatus: STATUS_CODES[http] ?? "" } }),
  };
}

function plainResponse(error: ObsvtyError, http: number): RawResponse {
  return {
    status: http,
    headers: { "content-type": contentTypes.json, ...retryAfter(error) },
    body: json({ code: error.code, message: error.message }),
  };
}

function retryAfter(error: ObsvtyError): { "retry-after"?: string } {
  return error.retryAfterMs === undefined
    ? {}
    : { "retry-after": String(retryAfterSeconds(error.retryAfterMs)) };
}

/** The types of a `google.protobuf.Any` in an error, which JSON has to know. */
const registry = createRegistry(RetryInfoSchema);
const utf8 = new TextEncoder();
const empty = new Uint8Array(0);

function json(value: object): Uint8Array {
  return utf8.encode(JSON.stringify(value));
}
