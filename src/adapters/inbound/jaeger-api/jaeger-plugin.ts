import type { FastifyPluginCallback } from "fastify";
import type { Core } from "../../../use-cases/core.ts";
import { isForeignBySite, refuseForeignPages } from "../admission/foreign-pages.ts";
import { addUiRoutes } from "./ui-routes.ts";
import { addV3Routes } from "./v3-routes.ts";

/** Jaeger's query API over HTTP, for the tools that read from Jaeger. It is guarded as all reading is. */
export const jaegerPlugin: FastifyPluginCallback = (app, _options, done) => {
  const core = app.getDecorator<Core>("core");
  app.addHook("onRequest", refuseForeignPages(isForeignBySite));
  addUiRoutes(app, core);
  addV3Routes(app, core);
  done();
};
