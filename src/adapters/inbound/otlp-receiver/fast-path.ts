import type { IncomingHttpHeaders } from "node:http";
import type { FastifyPluginCallback } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import { exportPath, type Signal, signals, signalTraits } from "../../../domain/signal.ts";
import { contentTypes, mediaTypeOf } from "../../../otlp/content-types.ts";
import type { Admit } from "../admission/admit.ts";
import { malformedTarget } from "../admission/request-target.ts";
import type { TakeStream } from "../listener/http2-sessions.ts";
import type { TakeRequest } from "../listener/listener.ts";
import { Http1Exchange, StreamExchange } from "./exchange.ts";
import { ExportCall, type ReceiverResources } from "./export-call.ts";
import type { Framing } from "./framings/framing.ts";
import { otlpHttpFramingOf } from "./framings/framing-of.ts";
import { grpcProtobuf } from "./framings/grpc.ts";

export interface FastPathOptions {
  /** Offers each HTTP/2 stream before Fastify makes a request of it. */
  readonly takeStreams: (take: TakeStream) => void;
  /** Offers each request over HTTP/1.1 before Fastify gets it. */
  readonly takeRequests: (take: TakeRequest) => void;
}

/**
 * The fast path: exports over native gRPC and OTLP/HTTP are taken before Fastify makes requests of them, which costs
 * more than a small export does. They go the same way as all exports; who is admitted is decided in the same place.
 * All other calls go to Fastify, among them everything that is not quite usual: a page's export, whose answer has
 * CORS headers, a path in another spelling, an unknown type, a malformed target.
 */
const fastPath: FastifyPluginCallback<FastPathOptions> = (app, { takeStreams, takeRequests }, done) => {
  const admit = app.getDecorator<Admit>("admit");
  const receiver = app.getDecorator<ReceiverResources>("receiver");

  const serve = ({ signal, framing }: Export, exchange: StreamExchange | Http1Exchange) => {
    const call = new ExportCall(framing, signal, exchange, receiver);
    const admission = admit(exchange, "ingest");
    if (admission instanceof Promise) {
      admission.then(
        (error) => (error === undefined ? call.serve() : call.refuse(error)),
        (reason) => call.refuse(reason),
      );
    } else if (admission === undefined) {
      call.serve();
    } else {
      call.refuse(admission);
    }
  };
  takeStreams((stream, headers) => {
    const path = headers[":path"];
    const wanted =
      headers[":method"] === "POST" ? (grpcExport(path, headers) ?? httpExport(path, headers)) : undefined;
    if (wanted === undefined) return false;
    // A stream that fails also closes, which the reader of its body sees.
    stream.on("error", ignore);
    serve(wanted, new StreamExchange(stream, headers));
    return true;
  });
  takeRequests((request, response) => {
    const { method, url, headers } = request;
    const wanted = method === "POST" ? httpExport(url, headers) : undefined;
    if (wanted === undefined || malformedTarget(request) !== undefined) return false;
    // A connection that fails also ends the body, which its reader sees.
    request.on("error", ignore);
    serve(wanted, new Http1Exchange(request, response));
    return true;
  });
  done();
};

interface Export {
  readonly signal: Signal;
  readonly framing: Framing;
}

const grpcExports = new Map<string | undefined, Export>(
  signals.map((signal) => [exportPath(signal), { signal, framing: grpcProtobuf }]),
);
const httpSignals = new Map<string | undefined, Signal>(
  signals.map((signal) => [signalTraits[signal].httpPath, signal]),
);
const nativeGrpcTypes: readonly string[] = [contentTypes.grpc, contentTypes.grpcProto];

/** A call whose messages are in protobuf (gRPC PROTOCOL-HTTP2, "Content-Type"). */
function grpcExport(path: string | undefined, headers: IncomingHttpHeaders): Export | undefined {
  const type = headers["content-type"];
  // Almost all clients send exactly the first.
  const isNative = type === contentTypes.grpc || nativeGrpcTypes.includes(mediaTypeOf(type));
  return isNative && headers.expect === undefined ? grpcExports.get(path) : undefined;
}

function httpExport(path: string | undefined, headers: IncomingHttpHeaders): Export | undefined {
  const signal = httpSignals.get(path);
  if (signal === undefined || headers.expect !== undefined || headers.origin !== undefined) return undefined;
  const framing = otlpHttpFramingOf(headers["content-type"]);
  return framing && { signal, framing };
}

function ignore(): void {}

export const fastPathPlugin = fastifyPlugin(fastPath, {
  name: "fast-path",
  dependencies: ["receiver", "admission"],
});
