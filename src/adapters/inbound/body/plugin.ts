import { fastifyPlugin } from "fastify-plugin";
import type { Config } from "../../../config/config.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { ReadingResources } from "./body-reader.ts";
import { Deadlines } from "./deadlines.ts";
import { Inflater } from "./inflate.ts";
import { InflightBytes } from "./inflight-bytes.ts";

/** Decorates the app with what all readers of bodies share: `app.getDecorator<ReadingResources>("bodies")`. */
export const bodyPlugin = fastifyPlugin<Pick<ReadingResources, "onRead" | "onPiece">>(
  (app, { onRead, onPiece }, done) => {
    const { maxInflightBytes, maxReceiveMessageLength } = app.getDecorator<Config>("config");
    const inflight = new InflightBytes(maxInflightBytes);
    const bodies: ReadingResources = {
      inflight,
      deadlines: new Deadlines(),
      inflater: new Inflater(inflight, maxReceiveMessageLength),
      onRead,
      onPiece,
    };
    app.getDecorator<Core>("core").limits.add("MAX_INFLIGHT_BYTES", maxInflightBytes, () => inflight.held);
    app.decorate("bodies", bodies);
    done();
  },
  { name: "body", dependencies: ["core"] },
);
