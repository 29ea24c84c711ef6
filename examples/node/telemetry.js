// Loaded before the shop, by --import: sets the SDK up from the variables OTEL_*.
import { NodeSDK } from "@opentelemetry/sdk-node";

const sdk = new NodeSDK();
sdk.start();
process.once("SIGTERM", async () => {
  await sdk.shutdown();
  process.exit();
});
