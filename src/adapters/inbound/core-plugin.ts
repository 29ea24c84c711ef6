import { fastifyPlugin } from "fastify-plugin";
import type { Config } from "../../config/config.ts";
import type { Core } from "../../use-cases/core.ts";
import type { Lifecycle } from "../../use-cases/lifecycle.ts";
import { createRefusalRecorder } from "./responses/refusal.ts";

export interface CorePluginOptions {
  readonly core: Core;
  readonly config: Config;
  readonly lifecycle: Lifecycle;
}

/**
 * The decorators that routes read, once, when they are registered: `app.getDecorator<Core>("core")`, and
 * likewise `config`, `lifecycle` and `recordRefusal`.
 */
export const corePlugin = fastifyPlugin<CorePluginOptions>(
  (app, { core, config, lifecycle }, done) => {
    app.decorate("core", core);
    app.decorate("config", config);
    app.decorate("lifecycle", lifecycle);
    app.decorate("recordRefusal", createRefusalRecorder(core.counters, app.log));
    done();
  },
  { name: "core" },
);
