import type { FastifyPluginCallback } from "fastify";
import type { Config } from "../../../config/config.ts";
import { signals } from "../../../domain/signal.ts";
import type { Core } from "../../../use-cases/core.ts";
import { type SinkState, stateWord, totalOf } from "../../../use-cases/hand-on/sink-state.ts";
import type { Lifecycle } from "../../../use-cases/lifecycle.ts";
import { version } from "../../../version.ts";

/**
 * `GET /health` for people and dashboards: items and bytes held, items evicted, and how handing on goes. `/livez` and
 * `/readyz` for orchestrators. Open to everyone; shows no telemetry.
 */
export const healthPlugin: FastifyPluginCallback = (app, _options, done) => {
  const { reader, handOn } = app.getDecorator<Core>("core");
  const { maxBufferSize, maxBufferBytes } = app.getDecorator<Config>("config");
  const lifecycle = app.getDecorator<Lifecycle>("lifecycle");
  const status = () => (lifecycle.stopping ? "stopping" : "ok");

  app.get("/health", () => {
    const stats = reader.stats();
    const fill = signals.map((signal) => {
      const { items, bytes, evicted } = stats[signal];
      return [signal, { items, maxItems: maxBufferSize, bytes, evicted }] as const;
    });
    return {
      status: status(),
      version,
      uptimeSeconds: Math.floor(process.uptime()),
      bytes: fill.reduce((sum, [, { bytes }]) => sum + bytes, 0),
      maxBytes: maxBufferBytes,
      signals: Object.fromEntries(fill),
      ...(handOn && {
        sinks: Object.fromEntries(handOn.states().map((sink) => [sink.name, healthOf(sink)])),
      }),
    };
  });
  app.get("/livez", () => ({ status: "ok" }));
  app.get("/readyz", (_request, reply) => {
    reply.code(lifecycle.stopping ? 503 : 200).send({ status: status() });
  });
  done();
};

/**
 * The last failure is told by its code alone: everybody may read this, and the words of the destination may say
 * anything.
 */
function healthOf(sink: SinkState) {
  const total = totalOf(sink);
  const { backlogItems, backlogBytes, oldestMs, delivered, retried, missed, refused } = total;
  return {
    state: stateWord(total),
    policy: sink.policy,
    backlogItems,
    backlogBytes,
    oldestSeconds: Math.round(oldestMs / 1_000),
    delivered,
    retried,
    missed,
    refused,
    ...(total.lastFailure && {
      lastFailure: total.lastFailure.code,
      lastFailureTime: new Date(total.lastFailure.unixMs),
    }),
  };
}
