import { FakeStore } from "../support/fake-store.ts";
import { describeTelemetryStore } from "./telemetry-store.contract.ts";

describeTelemetryStore("the fake store", (limits) => new FakeStore(limits));
