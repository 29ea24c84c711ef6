import type { ConnectRouter } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../../../config/config.ts";
import { ObsvtyError } from "../../../domain/errors.ts";
import { contentTypes, describeWrongType, isGrpcWebText, mediaTypeOf } from "../../../otlp/content-types.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { Lifecycle } from "../../../use-cases/lifecycle.ts";
import type { ReadingResources } from "../body/body-reader.ts";
import { callerOf } from "../caller/caller.ts";
import { callerProtocolOf, pathOf } from "../caller/caller-protocol.ts";
import { unifySpelling } from "../caller/header-spelling.ts";
import { headerRules } from "../caller/protocol-headers.ts";
import { connectErrorOf } from "../responses/connect-error.ts";
import { replyWithError } from "../responses/error-reply.ts";
import { methodNotAllowed } from "../responses/method-not-allowed.ts";
import { callValues, noteReply } from "./call.ts";
import { type AroundCall, bridged } from "./call-bridge.ts";
import { compressionsOf } from "./compressions.ts";
import { errorInterceptor } from "./error-interceptor.ts";
import { rawMethodOf } from "./raw-method.ts";

/** Puts one service on the router: `(router, core) => router.service(QueryService, { ... })`. */
export type ConnectRegistrar = (router: ConnectRouter, core: Core, lifecycle: Lifecycle) => void;

/**
 * The largest request that the library decodes, in bytes, before and after inflating. It makes an object of every
 * field, unknown ones included, which for a request of 4 MB took 5 seconds and 335 MiB. Exports are not decoded, and
 * have MAX_RECEIVE_MESSAGE_LENGTH.
 */
const defaultDecodedRequestBytes = 65_536;

export interface ConnectPluginOptions {
  readonly registrars: readonly ConnectRegistrar[];
  /** Every call of a handler goes through it. */
  readonly around?: AroundCall;
  /** @default 64 KiB */
  readonly maxDecodedRequestBytes?: number | undefined;
}

/** Serves services in every protocol that Connect speaks: Connect, gRPC-Web and gRPC. */
export function connectPlugin({
  registrars,
  around = (handle) => handle(),
  maxDecodedRequestBytes = defaultDecodedRequestBytes,
}: ConnectPluginOptions): FastifyPluginAsync {
  return async (app) => {
    const core = app.getDecorator<Core>("core");
    const { maxReceiveMessageLength, requestTimeoutMs, idleTimeoutMs } = app.getDecorator<Config>("config");
    const maxMessageBytes = Math.min(maxDecodedRequestBytes, maxReceiveMessageLength);
    const { inflight } = app.getDecorator<ReadingResources>("bodies");
    const lifecycle = app.getDecorator<Lifecycle>("lifecycle");
    const handlers = new Map<string, UniversalHandler>();

    // This hook runs after admission and before the body.
    app.addHook("preParsing", (request, reply, payload, next) => {
      const handler = handlers.get(pathOf(callerOf(request)));
      if (handler !== undefined) unifySpelling(request.headers);
      const error = handlerMismatch(handler, request, reply);
      const rawMethod = handler && rawMethodOf(handler);
      if (error !== undefined) {
        replyWithError(request, reply, error);
      } else if (rawMethod !== undefined) {
        // The route would do the same, but Connect's plugin makes a request object of its own before it calls
        // the handler, and that takes as long as a small export (about 23 us).
        rawMethod.serve({ request, reply });
      } else {
        noteReply(request, reply);
        next(null, payload);
      }
    });
    await app.register(fastifyConnectPlugin, {
      routes: (router) => {
        for (const register of registrars) {
          register(router, core, lifecycle);
        }
        // The array is changed in place: the plugin reads this very one afterwards.
        for (const [index, handler] of router.handlers.entries()) {
          if (rawMethodOf(handler) === undefined) {
            router.handlers[index] = bridged(handler, {
              around,
              requestTimeoutMs,
              idleTimeoutMs,
              inflight,
              maxMessageBytes,
            });
          }
          handlers.set(handler.requestPath, handler);
        }
      },
      acceptCompression: [...compressionsOf()],
      readMaxBytes: maxMessageBytes,
      interceptors: [errorInterceptor],
      contextValues: callValues,
      shutdownSignal: stopAbort(lifecycle),
    });
  };
}

/** The library answers these with an empty body and no `allow`; here they get an error of the caller's protocol. */
function handlerMismatch(
  handler: UniversalHandler | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): ObsvtyError | undefined {
  if (handler === undefined) {
    return undefined;
  }
  // The library makes a URL of the host, and fails where that cannot be. A raw method is not called by the library.
  const host = request.headers[":authority"] ?? request.headers.host ?? "";
  if (rawMethodOf(handler) === undefined && !URL.canParse(`http://${host}`)) {
    return new ObsvtyError("protocol-error", "the request's host is not one");
  }
  if (!handler.allowedMethods.includes(request.method)) {
    return methodNotAllowed(reply, handler.requestPath, handler.allowedMethods);
  }
  const type = request.headers["content-type"];
  // The library counts it among gRPC-Web's types, but does not decode it.
  if (isGrpcWebText(mediaTypeOf(type))) {
    const message = `gRPC-Web in base64 is not supported; use ${contentTypes.grpcWebProto}`;
    return new ObsvtyError("unsupported-media-type", message);
  }
  const known = type === undefined ? request.method === "GET" : handler.supportedContentType(type);
  if (!known) {
    const { json, connectProto, connectStreamJson, connectStreamProto, grpc, grpcWeb } = contentTypes;
    const isUnary = handler.method.methodKind === "unary";
    const connect = isUnary ? [json, connectProto] : [connectStreamJson, connectStreamProto];
    const types = [...connect, grpc, grpcWeb].join(", ");
    const wrongType = describeWrongType(type, types);
    return new ObsvtyError(
      "unsupported-media-type",
      isUnary ? wrongType : `this method is a stream; ${wrongType}`,
    );
  }
  const protocol = callerProtocolOf(callerOf(request));
  if (protocol === "grpc-over-http1") {
    return new ObsvtyError("protocol-error", "gRPC needs HTTP/2; over HTTP/1.1 use gRPC-Web or Connect");
  }
  try {
    const rules = headerRules[protocol];
    rules.checkHeaders(request.headers);
    // A malformed deadline is refused here.
    rules.timeoutMs(request.headers);
    return undefined;
  } catch (error) {
    return ObsvtyError.from(error);
  }
}

/** Ends calls that wait or stream when the server stops, with the reason as an error of the library. */
function stopAbort(lifecycle: Lifecycle): AbortSignal {
  const controller = new AbortController();
  const stop = () => controller.abort(connectErrorOf(ObsvtyError.from(lifecycle.abort.reason)));
  lifecycle.abort.addEventListener("abort", stop, { once: true });
  return controller.signal;
}
