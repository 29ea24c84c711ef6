import type { FastifyPluginCallback } from "fastify";
import { signals, signalTraits } from "../../../domain/signal.ts";
import type { ExportIntake } from "./export-reading.ts";
import { HttpExport } from "./http-export.ts";

/**
 * OTLP/HTTP: `POST /v1/traces` and its like, over HTTP/1.1 and HTTP/2 (OTLP 1.11, "OTLP/HTTP"). Fastify finds
 * the route and asks who may; the body is read and answered past it.
 */
export const otlpHttpPlugin: FastifyPluginCallback = (app, _options, done) => {
  const intake = app.getDecorator<ExportIntake>("intake");
  app.removeAllContentTypeParsers();
  // Types and bodies are judged where they are read.
  app.addContentTypeParser("*", (_request, _payload, parsed) => parsed(null));
  for (const signal of signals) {
    app.post(signalTraits[signal].httpPath, (request, reply) => {
      reply.hijack();
      request.raw.on("error", ignore);
      new HttpExport(signal, request, reply, intake).serve();
    });
  }
  done();
};

/** A connection that fails ends the body too, and that is seen. */
function ignore(): void {}
