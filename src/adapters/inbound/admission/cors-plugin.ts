import cors from "@fastify/cors";
import type { FastifyRequest } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import type { Config } from "../../../config/config.ts";
import { pathOf } from "../caller/caller-protocol.ts";
import { accessClassOf } from "./access-class.ts";

/** How long a browser may remember a preflight: two hours, the most that Chromium heeds. */
const maxAgeSeconds = 7_200;

/**
 * Lets pages of CORS_ORIGINS send telemetry, and nothing else: reading stays closed to other origins. Before
 * admission, so that a preflight, which carries no token, is neither refused nor counted.
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
      // Exporters that send by navigator.sendBeacon always send credentials too.
      credentials: true,
      exposedHeaders: ["retry-after"],
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

/** As the Fetch standard has it ("CORS-preflight request"); any other OPTIONS is no business of this plugin. */
function isPreflight({ headers }: FastifyRequest): boolean {
  return headers.origin !== undefined && headers["access-control-request-method"] !== undefined;
}
