import type { TestContext } from "node:test";
import { type OtlpProtocol, OtlpSink } from "../../src/adapters/outbound/otlp-sink/otlp-sink.ts";
import { OtlpUpstream, type UpstreamAnswer } from "../support/otlp-upstream.ts";
import { describeTelemetrySink, type OutsideName, outsides } from "./telemetry-sink.contract.ts";

const answers: Readonly<Record<OutsideName, UpstreamAnswer | undefined>> = {
  "takes all": {},
  "is down": {},
  refuses: { grpcStatus: 3, httpStatus: 400 },
  "takes part": { rejected: 1 },
  stalls: undefined,
};

for (const protocol of ["grpc", "http/protobuf"] as const satisfies readonly OtlpProtocol[]) {
  for (const compression of ["gzip", "none"] as const) {
    describeTelemetrySink(`the OTLP sink over ${protocol} with compression ${compression}`, {
      make: async (t: TestContext) => {
        const upstream = await new OtlpUpstream(t, protocol).start();
        const sink = new OtlpSink({
          url: upstream.url,
          protocol,
          compression,
          headers: {},
          changingHeaders: () => ({}),
          tls: () => ({}),
          maxBytes: 4 * 2 ** 20,
          timeoutMs: 10_000,
        });
        t.after(() => sink.close());
        return {
          sink,
          behave: async (outside) => {
            const { grpcStatus, httpStatus, ...rest } = answers[outside] ?? {};
            const status = protocol === "grpc" ? grpcStatus && { grpcStatus } : httpStatus && { httpStatus };
            upstream.answer = () => (outside === "stalls" ? undefined : { ...rest, ...status });
            await upstream.stop();
            if (outside !== "is down") await upstream.start();
          },
          taken: (signal) => upstream.takenBytes(signal),
        };
      },
      can: outsides,
    });
  }
}
