import type {
  UniversalHandler,
  UniversalServerRequest,
  UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import type { ObsvtyError } from "../../../domain/errors.ts";
import type { InflightBytes } from "../body/inflight-bytes.ts";
import { callerOf } from "../caller/caller.ts";
import { callerProtocolOf } from "../caller/caller-protocol.ts";
import { hasLeft } from "../listener/peer.ts";
import { replyWithError } from "../responses/error-reply.ts";
import { percentEncode } from "../responses/grpc-status.ts";
import { type RawResponse, sendRaw, stopSendingAfterAnswer } from "../responses/raw-response.ts";
import { recordRefusal } from "../responses/refusal.ts";
import { withBoundedBody } from "./bounded-body.ts";
import { answered, type Call, callOf, wasHandled } from "./call.ts";
import { failureOf } from "./failure.ts";
import { allowEncodedList } from "./list-answer.ts";
import { notTheMessage, ownCodeOf } from "./own-terms.ts";

export interface WireOptions {
  /** Time that the body of a call with one message may take, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Where the bytes of such bodies are counted. */
  readonly inflight: InflightBytes;
}

/**
 * A Connect handler that keeps OTLP's and gRPC's habits on the wire:
 * - An error of native gRPC goes out as Trailers-Only, one HEADERS frame with END_STREAM. connect-node
 *   sends HEADERS and then trailers, and some clients (OkHttp on Java) read the status only in the first.
 * - Bytes that are not the message are INVALID_ARGUMENT, not Connect's `internal` (OTLP 1.11, "Bad Data").
 * - A body has to arrive in time, and beside all others, unless the call is one that sends for as long as it
 *   likes; that one is told to stop when its answer has ended.
 * - What Connect refuses by itself is recorded as a refusal too, unless its caller has gone away.
 * - The list of an answer may be encoded before the answer is.
 */
export function onTheWire(
  handler: UniversalHandler,
  { requestTimeoutMs, inflight }: WireOptions,
): UniversalHandler {
  const { service, method, requestPath, protocolNames, allowedMethods, supportedContentType } = handler;
  const sendsMany = method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming";

  const serveOne = async (request: UniversalServerRequest, call: Call): Promise<UniversalServerResponse> => {
    const onCut = (error: ObsvtyError) => recordRefusal(call.request, error);
    const bounded = withBoundedBody(request, { timeoutMs: requestTimeoutMs, inflight, onCut });
    try {
      const response = await allowEncodedList(() => handler(bounded.request));
      return await finish(call, response);
    } finally {
      bounded.release();
    }
  };
  const serveMany = async (request: UniversalServerRequest, call: Call): Promise<UniversalServerResponse> => {
    stopSendingAfterAnswer(call.request);
    return finish(call, await handler(request));
  };
  const serve = sendsMany ? serveMany : serveOne;

  const wrapped = (request: UniversalServerRequest): Promise<UniversalServerResponse> => {
    const call = callOf(request);
    return call === undefined ? handler(request) : serve(request, call);
  };
  return Object.assign(wrapped, {
    service,
    method,
    requestPath,
    protocolNames,
    allowedMethods,
    supportedContentType,
  });
}

async function finish(call: Call, response: UniversalServerResponse): Promise<UniversalServerResponse> {
  const { request, reply } = call;
  const protocol = callerProtocolOf(callerOf(request));
  // Connect itself has waited for the first bytes before it came here.
  const body = response.body?.[Symbol.asyncIterator]() ?? nothing;
  const first = await body.next();
  const failure = failureOf(protocol, response, first);
  if (failure === undefined || hasLeft(request)) {
    return { ...response, body: { [Symbol.asyncIterator]: () => resumed(first, body) } };
  }
  const bad = notTheMessage(failure);
  if (bad !== undefined) {
    replyWithError(request, reply, bad);
    throw answered();
  }
  recordRefusal(request, { code: ownCodeOf(failure, wasHandled(request)) });
  if (protocol === "grpc") {
    sendRaw(request, reply, trailersOnly(response));
    throw answered();
  }
  return { ...response, body: { [Symbol.asyncIterator]: () => resumed(first, body) } };
}

function trailersOnly({ header, trailer }: UniversalServerResponse): RawResponse {
  const headers: Record<string, string> = {
    ...Object.fromEntries(header ?? []),
    ...Object.fromEntries(trailer ?? []),
  };
  const message = headers["grpc-message"];
  if (message !== undefined) {
    // Connect encodes commas and the like too, which grpc-js does not decode.
    headers["grpc-message"] = percentEncode(decodeURIComponent(message));
  }
  return { status: 200, headers, body: new Uint8Array(0) };
}

const nothing: AsyncIterator<Uint8Array> = { next: async () => ({ done: true, value: undefined }) };

/** The iterator with its first result put back. Connect tells it of write errors by `throw`. */
function resumed<T>(first: IteratorResult<T>, rest: AsyncIterator<T>): AsyncIterator<T> {
  let pending: IteratorResult<T> | undefined = first;
  return {
    next: async () => {
      const result = pending ?? (await rest.next());
      pending = undefined;
      return result;
    },
    throw: async (reason) => (await rest.throw?.(reason)) ?? { done: true, value: undefined },
    return: async () => (await rest.return?.()) ?? { done: true, value: undefined },
  };
}
