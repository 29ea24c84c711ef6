import type { ConnectRouter } from "@connectrpc/connect";
import { signals } from "../../../domain/signal.ts";
import { otlpServices } from "../../../otlp/services.ts";
import { addRawMethod } from "../connect/raw-method.ts";
import { FastifyExchange } from "./exchange.ts";
import { ExportCall } from "./export-call.ts";
import { rpcFramingOf } from "./framings/framing-of.ts";
import type { ReceiverResources } from "./receiver-resources.ts";

/**
 * The OTLP service of each signal for gRPC, gRPC-Web and Connect, in protobuf and JSON. Connect's router has them like
 * all services, for reflection too; the message of a call is never decoded. Here come the calls that the fast path
 * leaves to Fastify.
 */
export function registerExportServices(router: ConnectRouter): void {
  for (const signal of signals) {
    addRawMethod(router, otlpServices[signal].method.export, {
      supports: (contentType) => rpcFramingOf(contentType) !== undefined,
      serve({ request, reply }) {
        const framing = rpcFramingOf(request.headers["content-type"]);
        // Calls of other types are refused before.
        if (framing === undefined) return;
        const receiver = request.server.getDecorator<ReceiverResources>("receiver");
        new ExportCall(framing, signal, new FastifyExchange(request, reply), receiver).serve();
      },
    });
  }
}
