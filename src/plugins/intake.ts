import { fastifyPlugin } from "fastify-plugin";
import { Deadlines } from "../adapters/inbound/body/deadlines.ts";
import type { ExportIntake } from "../adapters/inbound/body/export-reading.ts";
import { InflightBytes } from "../adapters/inbound/body/inflight-bytes.ts";
import type { ObserveExport } from "../adapters/inbound/metrics/export-metrics.ts";
import type { RecordRefusal } from "../adapters/inbound/refusal.ts";
import type { Config } from "../config.ts";
import type { Core } from "../use-cases/core.ts";
import type { Lifecycle } from "../use-cases/lifecycle.ts";

/** One bound on the bytes being read and one timer, for all ways in that read export bodies themselves. */
export const intakePlugin = fastifyPlugin(
  (app, _options, done) => {
    const { maxInflightBytes, maxReceiveMessageLength, requestTimeoutMs } =
      app.getDecorator<Config>("config");
    const { ingest, faults } = app.getDecorator<Core>("core");
    const intake: ExportIntake = {
      ingest,
      faults,
      stopping: app.getDecorator<Lifecycle>("lifecycle").signal,
      observeExport: app.getDecorator<ObserveExport>("observeExport"),
      recordRefusal: app.getDecorator<RecordRefusal>("recordRefusal"),
      inflight: new InflightBytes(maxInflightBytes),
      deadlines: new Deadlines(),
      maxReceiveMessageLength,
      requestTimeoutMs,
    };
    app.decorate("intake", intake);
    done();
  },
  { name: "intake", dependencies: ["core", "metrics"] },
);
