import { fastifyPlugin } from "fastify-plugin";
import type { Config } from "../../../config/config.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { Lifecycle } from "../../../use-cases/lifecycle.ts";
import type { ReadingResources } from "../body/body-reader.ts";
import type { ObserveExport } from "../metrics/export-durations.ts";
import type { RecordRefusal } from "../responses/refusal.ts";
import type { ReportExport } from "./export-report.ts";
import { JsonEncoder } from "./json-encoder.ts";
import { createPartialSuccessLog } from "./partial-success-log.ts";
import type { ReceiverResources } from "./receiver-resources.ts";

export interface ReceiverOptions {
  readonly reportExport?: ReportExport | undefined;
}

/** Decorates the app with what all exports share: `app.getDecorator<ReceiverResources>("receiver")`. */
export const receiverPlugin = fastifyPlugin<ReceiverOptions>(
  (app, { reportExport }, done) => {
    const { maxReceiveMessageLength, requestTimeoutMs, validation } = app.getDecorator<Config>("config");
    const { ingest, faults, forwardingPath } = app.getDecorator<Core>("core");
    const jsonEncoder = new JsonEncoder(maxReceiveMessageLength, validation === "strict");
    app.addHook("onClose", () => jsonEncoder.close());
    const receiver: ReceiverResources = {
      ...app.getDecorator<ReadingResources>("bodies"),
      ingest,
      jsonEncoder,
      faults,
      forwardingPath,
      stopping: app.getDecorator<Lifecycle>("lifecycle").abort,
      observeExport: app.getDecorator<ObserveExport>("observeExport"),
      logPartialSuccess: createPartialSuccessLog(app.log),
      reportExport,
      recordRefusal: app.getDecorator<RecordRefusal>("recordRefusal"),
      maxReceiveMessageLength,
      requestTimeoutMs,
    };
    app.decorate("receiver", receiver);
    done();
  },
  { name: "receiver", dependencies: ["core", "metrics", "body"] },
);
