import type { FastifyPluginCallback } from "fastify";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { Core } from "../../../use-cases/core.ts";
import { replyWithError } from "../responses/error-reply.ts";
import { addUiRoutes } from "./ui-routes.ts";
import { addV3Routes } from "./v3-routes.ts";

/** Jaeger's query API over HTTP, for the tools that read from Jaeger. It is guarded as all reading is. */
export const jaegerPlugin: FastifyPluginCallback = (app, _options, done) => {
  const core = app.getDecorator<Core>("core");
  app.addHook("onRequest", (request, reply, next) => {
    if (isOfAnotherOrigin(request.headers["sec-fetch-site"])) {
      const message = "pages of other origins may not read";
      replyWithError(request, reply, new ObsvtyError("permission-denied", message));
      return;
    }
    reply.header("x-content-type-options", "nosniff");
    next();
  });
  addUiRoutes(app, core);
  addV3Routes(app, core);
  done();
};

/**
 * A browser sends a plain GET for any page without asking first, and says so in this header (Fetch Metadata, 2.4). The
 * page could not read the answer, but could make the server work, or measure how long it takes.
 */
function isOfAnotherOrigin(site: string | string[] | undefined): boolean {
  return site === "cross-site" || site === "same-site";
}
