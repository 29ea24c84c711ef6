import cors from "@fastify/cors";
import type { FastifyRequest } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import type { Config } from "../../../config/config.ts";
import { pathOf } from "../caller/caller-protocol.ts";
import { accessClassOf } from "./access-class.ts";

/** The time for which a browser may cache a preflight: two hours, the longest that Chromium allows. */
const maxAgeSeconds = 7_200;

/**
 * Lets pages of CORS_ORIGINS send telemetry; reading stays closed to other origins. Registered before admission,
 * because a preflight carries no token and must be neither refused nor counted.
 */
export const corsPlugin = fastifyPlugin(
  async (app) => {
    const { corsOrigins } = app.getDecorator<Config>("config");
    if (corsOrigins.length === 0) {
      return;
    }
    const allowed = {
      origin: corsOrigins.includes("*") ? true : [...corsOrigins],
      methods: ["POST"],
      // Exporters that use navigator.sendBeacon always send credentials.
      credentials: true,
      // A gRPC-Web error without a body has its status in the headers.
      exposedHeaders: ["retry-after", "grpc-status", "grpc-message", "grpc-status-details-bin"],
      maxAge: maxAgeSeconds,
    };
    await app.register(cors, {
      delegator: (request: FastifyRequest, decided) => {
        const isExport = accessClassOf(pathOf(request)) === "ingest";
        const isAsked = request.method !== "OPTIONS" || isPreflight(request);
        decided(null, isExport && isAsked ? allowed : { origin: false });
      },
    });
  },
  { name: "cors", dependencies: ["core"] },
);

/** As the Fetch standard defines it ("CORS-preflight request"). This plugin ignores any other OPTIONS. */
function isPreflight({ headers }: FastifyRequest): boolean {
  return headers.origin !== undefined && headers["access-control-request-method"] !== undefined;
}
