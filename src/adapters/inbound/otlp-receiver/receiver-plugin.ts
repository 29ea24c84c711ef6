import { fastifyPlugin } from "fastify-plugin";
import type { Config } from "../../../config/config.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { Lifecycle } from "../../../use-cases/lifecycle.ts";
import type { ReadingResources } from "../body/body-reading.ts";
import type { ObserveExport } from "../metrics/export-metrics.ts";
import type { RecordRefusal } from "../responses/refusal.ts";
import type { ExportIntake } from "./export-reading.ts";
import { createUnknownFieldLog } from "./unknown-field-log.ts";

/** What all framings of an export share: `app.getDecorator<ExportIntake>("intake")`. */
export const intakePlugin = fastifyPlugin(
  (app, _options, done) => {
    const { maxReceiveMessageLength, requestTimeoutMs } = app.getDecorator<Config>("config");
    const { ingest, faults } = app.getDecorator<Core>("core");
    const intake: ExportIntake = {
      ...app.getDecorator<ReadingResources>("bodies"),
      ingest,
      faults,
      stopping: app.getDecorator<Lifecycle>("lifecycle").signal,
      observeExport: app.getDecorator<ObserveExport>("observeExport"),
      logUnknownField: createUnknownFieldLog(app.log),
      recordRefusal: app.getDecorator<RecordRefusal>("recordRefusal"),
      maxReceiveMessageLength,
      requestTimeoutMs,
    };
    app.decorate("intake", intake);
    done();
  },
  { name: "intake", dependencies: ["core", "metrics", "body"] },
);
