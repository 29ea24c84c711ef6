import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessClassOf, isReading } from "../../../../../src/adapters/inbound/admission/access-class.ts";
import { exportPath, signals, signalTraits } from "../../../../../src/domain/signal.ts";

const expected = {
  ingest: signals.flatMap((signal) => [exportPath(signal), signalTraits[signal].httpPath]),
  open: [
    "/health",
    "/livez",
    "/readyz",
    "/metrics",
    "/grpc.health.v1.Health/Check",
    "/",
    "/assets/index-abc.js",
  ],
  read: [
    "/obsvty.v1.QueryService/GetStats",
    "/obsvty.v1.FaultService/SetFaults",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/assets",
    "/anything-new",
    "/healthy",
  ],
};

describe("accessClassOf", () => {
  for (const [access, paths] of Object.entries(expected)) {
    for (const path of paths) {
      it(`the access class of ${path} is ${access}`, () => assert.equal(accessClassOf(path), access));
    }
  }
});

describe("a call that waits for its turn", () => {
  const reading = ["/obsvty.v1.QueryService/GetStats", "/api/traces?service=shop", "/api/services/"];
  const others = ["/v1/traces?source=shop", exportPath("logs"), "/livez?verbose", "/metrics/"];
  for (const [urls, expectedToRead] of [[reading, true] as const, [others, false] as const]) {
    for (const url of urls) {
      const order = expectedToRead ? "behind exports and probes" : "among the first";
      it(`a call of ${url} that waits for its turn is begun ${order}`, () =>
        assert.equal(isReading(url), expectedToRead));
    }
  }
});
