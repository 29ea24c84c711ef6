import type { FastifyPluginCallback } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import { exportPath, type Signal, signals } from "../../../domain/signal.ts";
import type { Admit } from "../admission/admit.ts";
import { contentTypes, mediaTypeOf } from "../content-types.ts";
import type { TakeStream } from "../listener/http2-sessions.ts";
import { StreamExchange } from "./exchange.ts";
import { ExportCall, type ReceiverResources } from "./export-call.ts";
import { grpcProtobuf } from "./framings/grpc.ts";

export interface GrpcFastPathOptions {
  /** Offers each HTTP/2 stream before Fastify makes a request of it. */
  readonly takeStreams: (take: TakeStream) => void;
}

const signalByPath = new Map<string | undefined, Signal>(
  signals.map((signal) => [exportPath(signal), signal]),
);

/**
 * The gRPC fast path: native gRPC calls of `Export` methods are taken before Fastify makes requests of them,
 * which costs more than a small export does. They go the same way as all exports; who is admitted is decided in
 * the same place. All other calls go to Fastify.
 */
const grpcFastPath: FastifyPluginCallback<GrpcFastPathOptions> = (app, { takeStreams }, done) => {
  const admit = app.getDecorator<Admit>("admit");
  const receiver = app.getDecorator<ReceiverResources>("receiver");
  takeStreams((stream, headers) => {
    const signal = signalByPath.get(headers[":path"]);
    const isTaken =
      signal !== undefined &&
      headers[":method"] === "POST" &&
      isNativeGrpc(headers["content-type"]) &&
      headers.expect === undefined;
    if (!isTaken) {
      return false;
    }
    // A stream that fails also closes, which the reader of its body sees.
    stream.on("error", ignore);
    const exchange = new StreamExchange(stream, headers);
    const call = new ExportCall(grpcProtobuf, signal, exchange, receiver);
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
    return true;
  });
  done();
};

function ignore(): void {}

const nativeGrpcTypes: readonly string[] = [contentTypes.grpc, contentTypes.grpcProto];

/** Whether the messages are in protobuf (gRPC PROTOCOL-HTTP2, "Content-Type"). */
function isNativeGrpc(contentType: string | undefined): boolean {
  // Almost all clients send exactly this.
  return contentType === contentTypes.grpc || nativeGrpcTypes.includes(mediaTypeOf(contentType));
}

export const grpcFastPathPlugin = fastifyPlugin(grpcFastPath, {
  name: "grpc-fast-path",
  dependencies: ["receiver", "admission"],
});
