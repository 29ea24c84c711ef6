import type {
  UniversalHandler,
  UniversalServerRequest,
  UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { InflightBytes } from "../body/inflight-bytes.ts";
import { bodyTooSlow, deadlinePassed } from "../body/too-slow.ts";
import { callerOf } from "../caller/caller.ts";
import { type CallerProtocol, callerProtocolOf } from "../caller/caller-protocol.ts";
import { headerRules } from "../caller/protocol-headers.ts";
import { hasLeft } from "../listener/request.ts";
import { replyWithError } from "../responses/error-reply.ts";
import { percentEncode } from "../responses/grpc-status.ts";
import { cutOff, type RawResponse, sendRaw } from "../responses/raw-response.ts";
import { recordRefusal } from "../responses/refusal.ts";
import { sendChunks } from "../responses/send-chunks.ts";
import { BoundedBody } from "./bounded-body.ts";
import { answered, type Call, callOf } from "./call.ts";
import { withLargeMessage } from "./large-message.ts";
import { betterErrorOf, errorCodeOf, libraryFailureOf } from "./library-failure.ts";

/** Serves a call, for example in an asynchronous context of its own. */
export type AroundCall = <Result>(serve: () => Result) => Result;

export interface BridgeOptions {
  readonly around: AroundCall;
  /** Counts the bytes of bodies that are being read. */
  readonly inflight: InflightBytes;
  /** The largest message of a request, in bytes. */
  readonly maxMessageBytes: number;
  /** Time that a body, or one message of a stream, may take to arrive, and a part of an answer to be read. */
  readonly requestTimeoutMs: number;
  /** Time that may pass between two messages of a stream. */
  readonly idleTimeoutMs: number;
}

/**
 * Puts a handler of the library between this server's bounds and answers:
 * - A body has to arrive in time, and beside all others. See BoundedBody.
 * - A call that fails before its first message is answered like every other refusal. See `replyWithError`.
 * - An error of native gRPC is sent as Trailers-Only, one HEADERS frame with END_STREAM. connect-node sends HEADERS
 *   and then trailers, and some clients (OkHttp on Java) read the status only in the first.
 * - The answer is written here and not by Connect's plugin for Fastify, which would wait for a caller that does not
 *   read for as long as it likes, and which prints to stderr what fails.
 */
export function bridged(handler: UniversalHandler, options: BridgeOptions): UniversalHandler {
  const { service, method, requestPath, protocolNames, allowedMethods, supportedContentType } = handler;
  const sendsMany = method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming";

  const serve = async (request: UniversalServerRequest, call: Call): Promise<void> => {
    const protocol = callerProtocolOf(callerOf(call.request));
    const body = boundedBody(call, protocol, sendsMany, options);
    try {
      const response = await handler({ ...request, body });
      if (!sendsMany) body.end();
      await answer(call, protocol, response, body, options);
    } catch (reason) {
      if (!hasLeft(call.request)) replyWithError(call.request, call.reply, ObsvtyError.from(reason));
    } finally {
      body.end();
    }
  };
  const bridge = async (request: UniversalServerRequest): Promise<UniversalServerResponse> => {
    const call = callOf(request);
    if (call === undefined) return handler(request);
    const { reply, request: callerRequest } = call;
    reply.hijack();
    await options
      .around(() => serve(request, call))
      .catch((err) => {
        // Connect's plugin would print it to stderr.
        callerRequest.log.error({ err }, "a call could not be answered");
        cutOff(callerRequest);
      });
    throw answered();
  };
  return Object.assign(bridge, {
    service,
    method,
    requestPath,
    protocolNames,
    allowedMethods,
    supportedContentType,
  });
}

function boundedBody(
  call: Call,
  protocol: CallerProtocol,
  sendsMany: boolean,
  { inflight, maxMessageBytes, requestTimeoutMs, idleTimeoutMs }: BridgeOptions,
): BoundedBody {
  // The deadline of a stream is watched by the library, whose handler runs already while messages arrive.
  const callerTimeoutMs = sendsMany
    ? Number.POSITIVE_INFINITY
    : headerRules[protocol].timeoutMs(callerOf(call.request).headers);
  return new BoundedBody(call.request.raw, {
    inflight,
    isEnveloped: protocol !== "connect-unary",
    maxMessageBytes,
    timeoutMs: Math.min(requestTimeoutMs, callerTimeoutMs),
    tooSlow: () => (callerTimeoutMs <= requestTimeoutMs ? deadlinePassed() : bodyTooSlow(requestTimeoutMs)),
    ...(sendsMany && { idleTimeoutMs }),
    onCut: (error) => {
      call.failure = error;
      recordRefusal(call.request, error);
    },
    onStuck: () => cutOff(call.request),
  });
}

async function answer(
  call: Call,
  protocol: CallerProtocol,
  response: UniversalServerResponse,
  requestBody: BoundedBody,
  { requestTimeoutMs }: BridgeOptions,
): Promise<void> {
  const { request, reply } = call;
  // The library itself has waited for the first bytes before.
  let chunks = response.body?.[Symbol.asyncIterator]() ?? nothing;
  let first = await chunks.next();
  const failure = libraryFailureOf(protocol, response, first);
  if (failure !== undefined && !hasLeft(request)) {
    // The rest of the request can only be dropped when nobody reads it.
    requestBody.end();
    const error = call.failure ?? betterErrorOf(failure);
    if (error !== undefined) {
      replyWithError(request, reply, error);
      return;
    }
    recordRefusal(request, { code: errorCodeOf(failure, call.isHandled) });
    if (protocol === "grpc") {
      sendRaw(request, reply, trailersOnly(response));
      return;
    }
  }
  const { header = new Headers() } = response;
  if (failure === undefined && call.largeMessage !== undefined) {
    chunks = withLargeMessage(call.largeMessage, { request, protocol, header, rest: chunks });
    first = await chunks.next();
  }
  await sendChunks(
    request,
    reply,
    {
      status: response.status,
      headers: Object.fromEntries(header),
      first,
      rest: chunks,
      trailers: () => response.trailer && Object.fromEntries(response.trailer),
      beforeEnd: () => requestBody.end(),
    },
    requestTimeoutMs,
  );
}

function trailersOnly({ header, trailer }: UniversalServerResponse): RawResponse {
  const headers: Record<string, string> = {
    ...Object.fromEntries(header ?? []),
    ...Object.fromEntries(trailer ?? []),
  };
  const message = headers["grpc-message"];
  if (message !== undefined) {
    // The library encodes commas and the like too, which grpc-js does not decode.
    headers["grpc-message"] = percentEncode(decodeURIComponent(message));
  }
  return { status: 200, headers, body: new Uint8Array(0) };
}

const nothing: AsyncIterator<Uint8Array> = { next: async () => ({ done: true, value: undefined }) };
