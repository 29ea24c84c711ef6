import { FakeStore } from "../support/fake-store.ts";
import { describeTelemetryStore } from "./telemetry-store.contract.ts";

describeTelemetryStore("the fake store", (limits) => new FakeStore(limits));
describeTelemetryStore("the fake store that looks at 3 items a call", (limits) => new FakeStore(limits, 3));
