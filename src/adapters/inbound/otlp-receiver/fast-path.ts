import type { IncomingHttpHeaders } from "node:http";
import type { FastifyPluginCallback } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import { exportPath, type Signal, signals, signalTraits } from "../../../domain/signal.ts";
import type { Admit } from "../admission/admit.ts";
import { malformedTarget } from "../admission/request-target.ts";
import type { TakeStream } from "../listener/http2-sessions.ts";
import type { TakeRequest } from "../listener/listener.ts";
import { Http1Exchange, StreamExchange } from "./exchange.ts";
import { ExportCall } from "./export-call.ts";
import type { Framing } from "./framings/framing.ts";
import { type FramingOf, otlpHttpFramingOf, rpcFramingOf } from "./framings/framing-of.ts";
import type { ReceiverResources } from "./receiver-resources.ts";

export interface FastPathOptions {
  /** Offers each HTTP/2 stream before Fastify makes a request of it. */
  readonly takeStreams: (take: TakeStream) => void;
  /** Offers each request over HTTP/1.1 before Fastify gets it. */
  readonly takeRequests: (take: TakeRequest) => void;
}

/**
 * The fast path: exports by every protocol are taken before Fastify makes requests of them, which costs more than a
 * small export does. They go the same way as all exports; who is admitted is decided in the same place. All other
 * calls go to Fastify, among them everything that is not quite usual: a page's export, whose answer has CORS headers,
 * a path in another spelling, an unknown type, a malformed target.
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
    const wanted = headers[":method"] === "POST" ? exportOf(headers[":path"], headers) : undefined;
    if (wanted === undefined) return false;
    // A stream that fails also closes, which the reader of its body sees.
    stream.on("error", ignore);
    serve(wanted, new StreamExchange(stream, headers));
    return true;
  });
  takeRequests((request, response) => {
    const { method, url, headers } = request;
    const wanted = method === "POST" ? exportOf(url, headers) : undefined;
    // Native gRPC has HTTP/2 alone.
    if (wanted === undefined || wanted.framing.transport === "grpc") return false;
    if (malformedTarget(request) !== undefined) return false;
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

/** What is exported by a POST to each path, and how the content type is understood there. */
const routes = new Map<string | undefined, { readonly signal: Signal; readonly framingOf: FramingOf }>(
  signals.flatMap((signal) => [
    [exportPath(signal), { signal, framingOf: rpcFramingOf }] as const,
    [signalTraits[signal].httpPath, { signal, framingOf: otlpHttpFramingOf }] as const,
  ]),
);

function exportOf(path: string | undefined, headers: IncomingHttpHeaders): Export | undefined {
  const route = routes.get(path);
  if (route === undefined || headers.expect !== undefined || headers.origin !== undefined) return undefined;
  const framing = route.framingOf(headers["content-type"]);
  return framing && { signal: route.signal, framing };
}

function ignore(): void {}

export const fastPathPlugin = fastifyPlugin(fastPath, {
  name: "fast-path",
  dependencies: ["receiver", "admission"],
});
