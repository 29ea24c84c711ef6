import type { FastifyPluginCallback } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import { exportPath, type Signal, signals } from "../../../domain/signal.ts";
import type { Admit } from "../admission/admit.ts";
import type { TakeStream } from "../listener/http2-sessions.ts";
import type { ExportIntake } from "./export-reading.ts";
import { GrpcCall } from "./grpc-call.ts";

export interface UnaryLaneOptions {
  /** Where the lane's streams come from. */
  readonly takeStreams: (take: TakeStream) => void;
}

const signalByPath = new Map<string | undefined, Signal>(
  signals.map((signal) => [exportPath(signal), signal]),
);

/**
 * The lane for the hot calls: native gRPC `Export` over HTTP/2. It does what Connect's handler for the same
 * path does, on the bytes alone: one body, one scan, one prebuilt answer. Such calls are taken before Fastify
 * makes requests of them; all others go to Fastify. Who is admitted and what is recorded is decided in the
 * same places for both.
 */
const unaryLane: FastifyPluginCallback<UnaryLaneOptions> = (app, { takeStreams }, done) => {
  const admit = app.getDecorator<Admit>("admit");
  const intake = app.getDecorator<ExportIntake>("intake");
  takeStreams((stream, headers) => {
    const signal = signalByPath.get(headers[":path"]);
    const isHot =
      signal !== undefined &&
      headers[":method"] === "POST" &&
      isNativeGrpc(headers["content-type"]) &&
      headers.expect === undefined;
    if (!isHot) {
      return false;
    }
    // Streams that fail end by themselves, and their end is seen.
    stream.on("error", ignore);
    const call = new GrpcCall(signal, stream, headers, intake);
    const admission = admit(call, "ingest");
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

/** In the protobuf codec (gRPC over HTTP/2, "Content-Type"), in any case, with or without parameters. */
const nativeGrpcType = /^application\/grpc(?:\+proto)?\s*(?:;|$)/i;

function isNativeGrpc(contentType: string | undefined): boolean {
  return (
    contentType === "application/grpc" || (contentType !== undefined && nativeGrpcType.test(contentType))
  );
}

export const unaryLanePlugin = fastifyPlugin(unaryLane, {
  name: "unary-lane",
  dependencies: ["intake", "admission"],
});
