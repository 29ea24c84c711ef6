import rateLimit from "@fastify/rate-limit";
import type { FastifyRequest } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import type { Config } from "../../../config/config.ts";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { Caller } from "../caller/caller.ts";

/** Counts a request of the caller; an error when its address has sent too many. Undefined without a limit. */
export type CountRequest = (caller: Caller) => Promise<ObsvtyError | undefined> | undefined;

/** What the limiter reads of a request: by what to count it, and that its route has no settings of its own. */
interface Counted {
  readonly rateKey: string;
  readonly routeOptions: object;
}

const noRouteOptions = {};

function countedAs({ peer }: Caller): FastifyRequest {
  const counted: Counted = { rateKey: peer.rateKey, routeOptions: noRouteOptions };
  return counted as unknown as FastifyRequest;
}

/** Client addresses remembered at once; the least recently seen is forgotten first. */
const maxClients = 5_000;

/**
 * Counts what one client address sends, over all protocols and paths: `app.getDecorator<CountRequest>(
 * "countRequest")`. It is asked by the one place that admits requests, so no route has a hook of its own.
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
      cache: maxClients,
      keyGenerator: (request) => (request as unknown as Counted).rateKey,
    });
    const count = app.createRateLimit();
    app.decorate("countRequest", (caller: Caller) =>
      count(countedAs(caller)).then((counted) =>
        counted.isAllowed || !counted.isExceeded
          ? undefined
          : new ObsvtyError("over-rate", `more than ${counted.max} requests in ${rateLimitWindowMs} ms`, {
              retryAfterMs: counted.ttl,
            }),
      ),
    );
  },
  { name: "rate-limit", dependencies: ["core"] },
);
