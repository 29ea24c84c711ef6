import cors from "@fastify/cors";
import type { FastifyRequest } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import type { Config } from "../../../config/config.ts";
import { ObsvtyError } from "../../../domain/errors.ts";
import { isRpcPath, pathOf } from "../caller/caller-protocol.ts";
import { replyWithError } from "../responses/error-reply.ts";
import { accessClassOf } from "./access-class.ts";

/** The time for which a browser may cache a preflight: two hours, the longest that Chromium allows. */
const maxAgeSeconds = 7_200;

/**
 * Lets pages of CORS_ORIGINS send telemetry; reading stays closed to other origins. Registered before admission,
 * because a preflight carries no token and must not be counted.
 */
export const corsPlugin = fastifyPlugin(
  async (app) => {
    const { corsOrigins } = app.getDecorator<Config>("config");
    const isAllowed = (origin: string) => corsOrigins.includes("*") || corsOrigins.includes(origin);
    // The browser does not tell the page why it may not send, so the log has to.
    app.addHook("onRequest", (request, reply, next) => {
      const refusal = isPreflight(request) ? refusalOf(request, isAllowed) : undefined;
      if (refusal === undefined) next();
      else replyWithError(request, reply, refusal);
    });
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
        const isAsked = request.method !== "OPTIONS" || isPreflight(request);
        decided(null, isExport(request) && isAsked ? allowed : { origin: false });
      },
    });
  },
  { name: "cors", dependencies: ["core"] },
);

function isExport(request: FastifyRequest): boolean {
  return accessClassOf(pathOf(request)) === "ingest";
}

/** The Fetch standard defines a preflight so ("CORS-preflight request"). This plugin ignores any other OPTIONS. */
function isPreflight({ method, headers }: FastifyRequest): boolean {
  return (
    method === "OPTIONS" &&
    headers.origin !== undefined &&
    headers["access-control-request-method"] !== undefined
  );
}

function refusalOf(request: FastifyRequest, isAllowed: (origin: string) => boolean): ObsvtyError | undefined {
  const { origin = "" } = request.headers;
  if (isExport(request)) {
    return isAllowed(origin) ? undefined : new ObsvtyError("permission-denied", mayNotSend(origin));
  }
  const isReading = isRpcPath(pathOf(request)) && accessClassOf(pathOf(request)) === "read";
  return isReading
    ? new ObsvtyError("permission-denied", "pages in a browser may send, and never read")
    : undefined;
}

/** A scheme, a host and a port, as CORS_ORIGINS takes them; a name has at most 253 characters (RFC 1035, 2.3.4). */
const originPattern = /^[a-z][a-z-]{0,30}:\/\/[\w.:[\]-]{1,260}$/;

/** @param origin as the caller sent it; it is repeated only when it has the form of an origin */
function mayNotSend(origin: string): string {
  return originPattern.test(origin)
    ? `a page of ${origin} asked to send: add this origin to CORS_ORIGINS`
    : "a page of another origin asked to send: only CORS_ORIGINS=* would allow it";
}
