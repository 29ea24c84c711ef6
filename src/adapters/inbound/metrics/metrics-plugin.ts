import { fastifyPlugin } from "fastify-plugin";
import type { Config } from "../../../config/config.ts";
import type { Core } from "../../../use-cases/core.ts";
import { ExportDurations } from "./export-durations.ts";
import type { Scraped } from "./scrape.ts";

/**
 * `GET /metrics` for Prometheus: figures of the exports, of the buffer and of the process. Open to everyone;
 * shows no telemetry. The receivers count durations with `app.getDecorator<ObserveExport>("observeExport")`.
 */
export const metricsPlugin = fastifyPlugin(
  (app, _options, done) => {
    const core = app.getDecorator<Core>("core");
    const config = app.getDecorator<Config>("config");
    const durations = new ExportDurations();
    app.decorate("observeExport", durations.observe);

    // prom-client takes 3 MiB of memory, and its gauge of the event loop wakes the process a hundred times a second.
    let scrape: Promise<() => Scraped> | undefined;
    app.get("/metrics", async (_request, reply) => {
      scrape ??= import("./scrape.ts").then(({ createScrape }) => createScrape(core, config, durations));
      const scraped = (await scrape)();
      return reply.type(scraped.contentType).send(await scraped.text());
    });
    done();
  },
  { name: "metrics", dependencies: ["core", "admission"] },
);
