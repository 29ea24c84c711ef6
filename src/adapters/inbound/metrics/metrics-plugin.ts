import { fastifyPlugin } from "fastify-plugin";
import { Gauge, Registry } from "prom-client";
import type { Config } from "../../../config/config.ts";
import type { Core } from "../../../use-cases/core.ts";
import { version } from "../../../version.ts";
import { registerBufferMetrics } from "./buffer-metrics.ts";
import { registerExportMetrics } from "./export-metrics.ts";
import { processMetrics } from "./process-metrics.ts";
import { registerSinkMetrics } from "./sink-metrics.ts";

/**
 * `GET /metrics` for Prometheus: figures of the exports, of the buffer and of the process. Open to everyone;
 * shows no telemetry. The receivers count durations with `app.getDecorator<ObserveExport>("observeExport")`.
 */
export const metricsPlugin = fastifyPlugin(
  (app, _options, done) => {
    const { counters, reader, handOn } = app.getDecorator<Core>("core");
    const register = new Registry();
    app.decorate("observeExport", registerExportMetrics(register, counters));
    registerBufferMetrics(register, reader, app.getDecorator<Config>("config"));
    if (handOn !== undefined) registerSinkMetrics(register, handOn);
    new Gauge({
      name: "obsvty_build_info",
      help: "always 1; the version is its label",
      labelNames: ["version"],
      registers: [register],
    }).set({ version }, 1);

    app.get("/metrics", async (_request, reply) => {
      const all = Registry.merge([register, processMetrics()]);
      return reply.type(all.contentType).send(await all.metrics());
    });
    processMetrics();
    done();
  },
  { name: "metrics", dependencies: ["core", "admission"] },
);
