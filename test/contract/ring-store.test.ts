import { RingStore } from "../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { describeTelemetryStore } from "./telemetry-store.contract.ts";

describeTelemetryStore(
  "the ring buffer",
  ({ maxItems, maxBytes }) => new RingStore({ maxItems, maxBytes, maxRequestBytes: 4 * 1024 * 1024 }),
);
