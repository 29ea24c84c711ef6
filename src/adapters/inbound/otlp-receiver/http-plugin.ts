import type { FastifyPluginCallback } from "fastify";
import { ObsvtyError } from "../../../domain/errors.ts";
import { signals, signalTraits } from "../../../domain/signal.ts";
import { contentTypes, describeWrongType } from "../../../otlp/content-types.ts";
import { FastifyExchange } from "./exchange.ts";
import { ExportCall } from "./export-call.ts";
import { otlpHttpFramingOf } from "./framings/framing-of.ts";
import { otlpHttpProtobuf } from "./framings/http-body.ts";
import type { ReceiverResources } from "./receiver-resources.ts";

/**
 * OTLP/HTTP: `POST /v1/traces` and its like, over HTTP/1.1 and HTTP/2 (OTLP 1.11, "OTLP/HTTP"). Fastify finds
 * the route and asks who may; the body is read and answered past it.
 */
export const otlpHttpPlugin: FastifyPluginCallback = (app, _options, done) => {
  const receiver = app.getDecorator<ReceiverResources>("receiver");
  app.removeAllContentTypeParsers();
  // Types and bodies are judged where they are read.
  app.addContentTypeParser("*", (_request, _payload, parsed) => parsed(null));
  for (const signal of signals) {
    app.post(signalTraits[signal].httpPath, (request, reply) => {
      const framing = otlpHttpFramingOf(request.headers["content-type"]);
      const exchange = new FastifyExchange(request, reply);
      const call = new ExportCall(framing ?? otlpHttpProtobuf, signal, exchange, receiver);
      if (framing === undefined) call.refuse(unknownType(request.headers["content-type"]));
      else call.serve();
    });
  }
  done();
};

function unknownType(type: string | undefined): ObsvtyError {
  const known = `${contentTypes.otlpProto}, ${contentTypes.json}`;
  return new ObsvtyError("unsupported-media-type", describeWrongType(type, known));
}
