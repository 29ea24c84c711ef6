import rateLimit from "@fastify/rate-limit";
import type { FastifyRequest } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import type { Config } from "../../../config/config.ts";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { Caller } from "../caller/caller.ts";
import { ClientCounts } from "./client-counts.ts";

/** Counts a request of the caller; resolves with a refusal when its address is over the limit. */
export type CountRequest = (caller: Caller) => Promise<ObsvtyError | undefined> | undefined;

/** The part of a request that the limiter reads: the key to count under, and that its route has no settings. */
interface Counted {
  readonly clientKey: string;
  readonly routeOptions: object;
}

const noRouteOptions = {};

function countedAs({ peer }: Caller): FastifyRequest {
  const counted: Counted = { clientKey: peer.clientKey, routeOptions: noRouteOptions };
  return counted as unknown as FastifyRequest;
}

/**
 * Counts the requests of each client address, over all protocols and paths: `app.getDecorator<CountRequest>(
 * "countRequest")`. Admission is the only caller, so that no route needs a hook of its own.
 */
export const rateLimitPlugin = fastifyPlugin(
  async (app) => {
    const { rateLimitMax, rateLimitWindowMs } = app.getDecorator<Config>("config");
    if (rateLimitMax === 0) {
      app.decorate("countRequest", () => undefined);
      return;
    }
    await app.register(rateLimit, {
      global: false,
      max: rateLimitMax,
      timeWindow: rateLimitWindowMs,
      store: ClientCounts,
      keyGenerator: (request) => (request as unknown as Counted).clientKey,
    });
    const count = app.createRateLimit();
    const requests = rateLimitMax === 1 ? "1 request" : `${rateLimitMax} requests`;
    const message = `more than ${requests} in ${rateLimitWindowMs} ms from this address (the server's RATE_LIMIT_MAX)`;
    app.decorate("countRequest", (caller: Caller) =>
      count(countedAs(caller)).then((counted) =>
        counted.isAllowed || !counted.isExceeded
          ? undefined
          : new ObsvtyError("over-rate", message, { retryAfterMs: counted.ttl }),
      ),
    );
  },
  { name: "rate-limit", dependencies: ["core"] },
);
