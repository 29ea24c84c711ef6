import { fastifyPlugin } from "fastify-plugin";
import type { Config } from "../../../config/config.ts";
import type { ReadingResources } from "./body-reader.ts";
import { Deadlines } from "./deadlines.ts";
import { InflightBytes } from "./inflight-bytes.ts";

/** Decorates the app with one count of the bytes being read and one timer, for all bodies: `app.getDecorator<ReadingResources>("bodies")`. */
export const bodyPlugin = fastifyPlugin(
  (app, _options, done) => {
    const { maxInflightBytes } = app.getDecorator<Config>("config");
    const bodies: ReadingResources = {
      inflight: new InflightBytes(maxInflightBytes),
      deadlines: new Deadlines(),
    };
    app.decorate("bodies", bodies);
    done();
  },
  { name: "body", dependencies: ["core"] },
);
