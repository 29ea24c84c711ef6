import rateLimit from "@fastify/rate-limit";
import type { FastifyRequest } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import { accessClassOf } from "../adapters/inbound/access-class.ts";
import { peerOf } from "../adapters/inbound/peer.ts";
import type { Config } from "../config.ts";
import { ObsvtyError } from "../domain/errors.ts";

/** Client addresses remembered at once; the least recently seen is forgotten first. */
const maxClients = 5_000;

/**
 * Counts what one client address sends, over all protocols and paths, refused calls and unknown paths
 * too. Health and metrics are free.
 */
export const rateLimitPlugin = fastifyPlugin(
  async (app) => {
    const { rateLimitMax, rateLimitWindowMs } = app.getDecorator<Config>("config");
    if (rateLimitMax === 0) {
      return;
    }
    // Before the plugin's own onRoute hook, which adds the limiter to each route that does not object.
    app.addHook("onRoute", (route) => {
      if (accessClassOf(route.url) === "open") {
        route.config = { ...route.config, rateLimit: false };
      }
    });
    await app.register(rateLimit, {
      max: rateLimitMax,
      timeWindow: rateLimitWindowMs,
      cache: maxClients,
      keyGenerator: (request: FastifyRequest) => peerOf(request.raw).rateKey,
      // Success stays free of headers; a refusal gets its own in the caller's protocol.
      addHeaders: {
        "x-ratelimit-limit": false,
        "x-ratelimit-remaining": false,
        "x-ratelimit-reset": false,
        "retry-after": false,
      },
      addHeadersOnExceeding: {
        "x-ratelimit-limit": false,
        "x-ratelimit-remaining": false,
        "x-ratelimit-reset": false,
      },
      errorResponseBuilder: (_request, { max, ttl }) =>
        new ObsvtyError("over-rate", `more than ${max} requests in ${rateLimitWindowMs} ms`, {
          retryAfterMs: ttl,
        }),
    });
    // Unknown paths have no route for the limiter to hang on.
    const limit = app.rateLimit();
    app.addHook("onRequest", (request, reply, done) => {
      if (request.is404) {
        Promise.resolve(limit.call(app, request, reply)).then(() => done(), done);
      } else {
        done();
      }
    });
  },
  { name: "rate-limit", dependencies: ["core"] },
);
