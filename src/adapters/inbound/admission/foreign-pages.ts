import type { FastifyRequest, onRequestHookHandler } from "fastify";
import { ObsvtyError } from "../../../domain/errors.ts";
import { replyWithError } from "../responses/error-reply.ts";

/** Refuses what pages of other origins send to routes that read. No page may take an answer for what it is not. */
export function refuseForeignPages(isForeign: (request: FastifyRequest) => boolean): onRequestHookHandler {
  return (request, reply, next) => {
    if (isForeign(request)) {
      const message = "pages of other origins may not read";
      replyWithError(request, reply, new ObsvtyError("permission-denied", message));
      return;
    }
    reply.header("x-content-type-options", "nosniff");
    next();
  };
}

/**
 * A browser sends a plain GET for any page without asking first, and says so in this header (Fetch Metadata, 2.4). The
 * page could not read the answer, but could make the server work, or measure how long it takes.
 */
export function isForeignBySite({ headers }: FastifyRequest): boolean {
  const site = headers["sec-fetch-site"];
  return site === "cross-site" || site === "same-site";
}

/** Browsers name the origin of the page with every POST (Fetch, "append a request Origin header"). */
export function isForeignByOrigin({ headers }: FastifyRequest): boolean {
  const { origin, host, ":authority": authority } = headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== (authority ?? host);
}
