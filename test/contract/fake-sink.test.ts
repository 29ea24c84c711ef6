import { FakeSink } from "../support/fake-sink.ts";
import { describeTelemetrySink, outsides } from "./telemetry-sink.contract.ts";

describeTelemetrySink("the fake sink", {
  make: () => {
    const sink = new FakeSink();
    return {
      sink,
      behave: (outside) => {
        sink.outside = outside;
      },
      taken: (signal) => sink.taken(signal),
    };
  },
  can: outsides,
});
