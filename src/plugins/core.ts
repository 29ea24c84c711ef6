import { fastifyPlugin } from "fastify-plugin";
import type { Config } from "../config.ts";
import type { Core } from "../use-cases/core.ts";
import type { Lifecycle } from "../use-cases/lifecycle.ts";

export interface CorePluginOptions {
  readonly core: Core;
  readonly config: Config;
  readonly lifecycle: Lifecycle;
}

/**
 * The decorators that routes read, once, when they are registered: `app.getDecorator<Core>("core")`, and
 * likewise `config` and `lifecycle`.
 */
export const corePlugin = fastifyPlugin<CorePluginOptions>(
  (app, { core, config, lifecycle }, done) => {
    app.decorate("core", core);
    app.decorate("config", config);
    app.decorate("lifecycle", lifecycle);
    done();
  },
  { name: "core" },
);
