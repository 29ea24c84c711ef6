import type { Http2ServerResponse } from "node:http2";
import { toBinary } from "@bufbuild/protobuf";
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from "fastify";
import fp from "fastify-plugin";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { IngestOutcome } from "../../../domain/outcome.ts";
import { exportPath, type Signal, signals } from "../../../domain/signal.ts";
import type { Core } from "../../../use-cases/core.ts";
import { replyWithError } from "../error-reply.ts";
import { exportResponse, responseSchemas } from "../export-response.ts";
import { type Body, joinBody } from "./body.ts";
import { declaredLength, frameMessage, PREFIX_BYTES, takeMessage, tooLarge } from "./grpc-message.ts";
import { parseGrpcTimeout } from "./grpc-timeout.ts";
import { acceptedEncodings, inflate, type MessageEncoding } from "./inflate.ts";
import { InflightBytes } from "./inflight-bytes.ts";
import { readBody } from "./read-body.ts";

export interface UnaryLaneOptions {
  /** Bytes of one message, before and after inflating. */
  readonly maxReceiveMessageLength: number;
  /** Bytes of all requests being read. */
  readonly maxInflightBytes: number;
  /** Time that a body may take, in milliseconds. */
  readonly requestTimeoutMs: number;
}

const responseHeaders = {
  ":status": 200,
  "content-type": "application/grpc",
  "grpc-accept-encoding": acceptedEncodings,
} as const;
/** A response message without a field set: the answer to a request accepted in full. */
const emptyFrame = frameMessage(new Uint8Array());

/**
 * The lane for the hot calls: native gRPC `Export` over HTTP/2. It does what Connect's handler for the same
 * path does, on the bytes alone: one body, one scan, one prebuilt answer.
 */
const unaryLane: FastifyPluginCallback<UnaryLaneOptions> = (app, options, done) => {
  const core = app.getDecorator<Core>("core");
  const inflight = new InflightBytes(options.maxInflightBytes);
  // The lane reads the stream itself.
  app.addContentTypeParser(nativeGrpcType, (_request, _payload, parsed) => parsed(null, undefined));

  for (const signal of signals) {
    app.route({
      method: "POST",
      url: exportPath(signal),
      constraints: { nativeGrpc: true },
      handler: (request, reply) => {
        reply.hijack();
        receive(signal, request, reply);
      },
    });
  }
  done();

  function receive(signal: Signal, request: FastifyRequest, reply: FastifyReply): void {
    // The route is only matched over HTTP/2: see `nativeGrpcConstraint`.
    const response = reply.raw as unknown as Http2ServerResponse;
    let encoding: MessageEncoding | undefined;
    let timeoutMs: number | undefined;
    try {
      encoding = parseEncoding(request.headers["grpc-encoding"]);
      timeoutMs = parseTimeout(request.headers["grpc-timeout"]);
    } catch (error) {
      replyWithError(request, reply, ObsvtyError.from(error));
      return;
    }
    const deadline = timeoutMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
    // Not asked of the clock when the timer fires: timers count whole milliseconds and may be early by it.
    const bodyMs = Math.min(options.requestTimeoutMs, timeoutMs ?? Number.POSITIVE_INFINITY);
    readBody(
      response.stream,
      {
        inflight,
        timeoutMs: bodyMs,
        timeoutError: () =>
          bodyMs === timeoutMs
            ? deadlinePassed()
            : new ObsvtyError("request-timeout", `the body took longer than ${options.requestTimeoutMs} ms`),
        check: checkSize,
      },
      (error, body) => {
        if (error !== undefined) {
          if (error.code !== "cancelled") replyWithError(request, reply, error);
          return;
        }
        if (performance.now() >= deadline) {
          replyWithError(request, reply, deadlinePassed());
          return;
        }
        return finish(signal, request, reply, response, encoding, body);
      },
    );
  }

  function checkSize(soFar: Body): ObsvtyError | undefined {
    const max = options.maxReceiveMessageLength;
    const declared = declaredLength(soFar);
    if (declared !== undefined && declared > max) return tooLarge(declared, max);
    // More than one message of the largest size: not one message either way.
    if (soFar.byteLength > max + PREFIX_BYTES) {
      return new ObsvtyError("unknown-method", "a unary call takes one message, got more");
    }
    return undefined;
  }

  /** Answers a body that is there in full. Returns a promise only when it has to inflate much. */
  function finish(
    signal: Signal,
    request: FastifyRequest,
    reply: FastifyReply,
    response: Http2ServerResponse,
    encoding: MessageEncoding | undefined,
    body: Body,
  ): void | Promise<void> {
    try {
      const { compressed, message } = takeMessage(body);
      if (!compressed) {
        answer(core.ingest(signal, message.chunks, message.byteLength));
        return;
      }
      if (encoding === undefined) {
        throw new ObsvtyError("protocol-error", "compressed message without a grpc-encoding that compresses");
      }
      const inflated = inflate(encoding, joinBody(message), options.maxReceiveMessageLength);
      if (inflated instanceof Promise) return inflated.then(ingestInflated).catch(refuse);
      ingestInflated(inflated);
    } catch (error) {
      refuse(error);
    }

    function ingestInflated(bytes: Uint8Array): void {
      answer(core.ingest(signal, [bytes], bytes.byteLength));
    }
    function answer(outcome: IngestOutcome): void {
      if (outcome.kind === "refused") replyWithError(request, reply, outcome.error);
      else respond(response, signal, outcome);
    }
    function refuse(error: unknown): void {
      replyWithError(request, reply, ObsvtyError.from(error));
    }
  }
};

function respond(
  response: Http2ServerResponse,
  signal: Signal,
  outcome: Exclude<IngestOutcome, { kind: "refused" }>,
): void {
  const { stream } = response;
  // The client may have given up; what it sent is kept all the same.
  if (stream.destroyed || stream.closed) return;
  const frame =
    outcome.kind === "accepted"
      ? emptyFrame
      : frameMessage(toBinary(responseSchemas[signal], exportResponse(signal, outcome)));
  // The response object answers the stream's wish for trailers with those that it has been given; the rest
  // goes past it, since it would check and copy headers that never change.
  response.addTrailers({ "grpc-status": "0" });
  stream.respond(responseHeaders, { waitForTrailers: true });
  stream.end(frame);
}

function deadlinePassed(): ObsvtyError {
  return new ObsvtyError("deadline-passed", "the deadline has passed");
}

function parseEncoding(header: string | string[] | undefined): MessageEncoding | undefined {
  if (header === undefined || header === "identity") return undefined;
  if (header === "gzip") return "gzip";
  throw new ObsvtyError("unknown-encoding", `unknown grpc-encoding; known are ${acceptedEncodings}`);
}

function parseTimeout(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  const timeoutMs = typeof header === "string" ? parseGrpcTimeout(header) : undefined;
  if (timeoutMs === undefined) throw new ObsvtyError("protocol-error", "malformed grpc-timeout");
  return timeoutMs;
}

/**
 * Tells requests for the lane from those for Connect, which have the same paths: native gRPC over HTTP/2 in
 * the protobuf codec (gRPC over HTTP/2, "Content-Type"). To be given to Fastify's router.
 */
export const nativeGrpcConstraint = {
  name: "nativeGrpc",
  storage: () => {
    let handler: unknown;
    return {
      get: (isNativeGrpc: unknown) => (isNativeGrpc === true ? handler : null),
      set: (_: unknown, added: unknown) => {
        handler = added;
      },
    };
  },
  deriveConstraint: (request: { headers: { "content-type"?: string }; httpVersionMajor: number }) =>
    request.httpVersionMajor === 2 && isNativeGrpc(request.headers["content-type"]) ? true : undefined,
};

/** In any case, with or without parameters. */
const nativeGrpcType = /^application\/grpc(?:\+proto)?\s*(?:;|$)/i;

function isNativeGrpc(contentType: string | undefined): boolean {
  return (
    contentType === "application/grpc" || (contentType !== undefined && nativeGrpcType.test(contentType))
  );
}

export const unaryLanePlugin = fp(unaryLane, {
  name: "unary-lane",
  dependencies: ["core"],
  encapsulate: true,
});
