import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { ObsvtyError } from "../../../domain/errors.ts";
import { callerOf } from "../caller.ts";
import { callerProtocolOf, exportedSignal, transportOf } from "../caller-protocol.ts";
import { replyWithError } from "../error-reply.ts";
import { percentEncode } from "../grpc-status.ts";
import type { ObserveExport } from "../metrics/export-metrics.ts";
import { type RawResponse, sendRaw, stopSendingAfterAnswer } from "../raw-response.ts";
import { recordRefusal } from "../refusal.ts";
import { type Call, callOf } from "./call.ts";
import { failureOf } from "./failure.ts";
import { withReadDeadline } from "./read-deadline.ts";
import { allowSlices } from "./sliced-answer.ts";

export interface WireOptions {
  /** Time that the body of a call with one message may take, in milliseconds. */
  readonly requestTimeoutMs: number;
  readonly observeExport: ObserveExport;
}

/**
 * A Connect handler that keeps OTLP's and gRPC's habits on the wire:
 * - An error of native gRPC goes out as Trailers-Only, one HEADERS frame with END_STREAM. connect-node
 *   sends HEADERS and then trailers, and some clients (OkHttp on Java) read the status only in the first.
 * - Bytes that are not the message are INVALID_ARGUMENT, not Connect's `internal` (OTLP 1.11, "Bad Data").
 * - A body has to arrive in time, unless the call is one that sends for as long as it likes; that one is told
 *   to stop when its answer has ended.
 * - What Connect refuses by itself is recorded as a refusal too.
 * - A long answer may be encoded in slices.
 * - It is noted how long an export took.
 */
export function onTheWire(
  handler: UniversalHandler,
  { requestTimeoutMs, observeExport }: WireOptions,
): UniversalHandler {
  const { service, method, requestPath, protocolNames, allowedMethods, supportedContentType } = handler;
  const sendsMany = method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming";
  const signal = exportedSignal(requestPath);

  const wrapped = async (request: Parameters<UniversalHandler>[0]): Promise<UniversalServerResponse> => {
    const startMs = performance.now();
    const call = callOf(request);
    if (sendsMany && call !== undefined) stopSendingAfterAnswer(call.request);
    const response = await allowSlices(() =>
      handler(sendsMany ? request : withReadDeadline(request, requestTimeoutMs)),
    );
    if (call === undefined) return response;
    try {
      return await finish(call, response);
    } finally {
      if (signal !== undefined) {
        const transport = transportOf(callerProtocolOf(callerOf(call.request)));
        observeExport(signal, transport, performance.now() - startMs);
      }
    }
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
  if (failure === undefined) {
    return { ...response, body: { [Symbol.asyncIterator]: () => resumed(first, body) } };
  }
  if (failure.code === "internal" && failure.message.startsWith("parse binary")) {
    replyWithError(request, reply, new ObsvtyError("not-the-message", "the bytes are not the message"));
    throw answered();
  }
  recordRefusal(request, { code: failure.code });
  if (protocol === "grpc") {
    sendRaw(request, reply, trailersOnly(response));
    throw answered();
  }
  return { ...response, body: { [Symbol.asyncIterator]: () => resumed(first, body) } };
}

/** The one reason for which Connect's Fastify plugin leaves without writing or complaining. */
function answered(): ConnectError {
  return new ConnectError("answered", Code.Aborted);
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
