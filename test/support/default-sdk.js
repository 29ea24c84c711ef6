// A program with the official SDK as it comes: nothing is set but the environment that it is started with.
import { logs, metrics, SeverityNumber, trace } from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";

const sdk = new NodeSDK();
sdk.start();
trace.getTracer("program").startSpan("work").end();
logs.getLogger("program").emit({ severityNumber: SeverityNumber.INFO, body: "worked" });
metrics.getMeter("program").createCounter("work.done").add(1);
await sdk.shutdown();
