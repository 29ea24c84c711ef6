import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessClassOf } from "../../../../../src/adapters/inbound/admission/access-class.ts";
import { exportPath, signals, signalTraits } from "../../../../../src/domain/signal.ts";

const expected = {
  ingest: signals.flatMap((signal) => [exportPath(signal), signalTraits[signal].httpPath]),
  open: ["/health", "/livez", "/readyz", "/metrics", "/grpc.health.v1.Health/Check"],
  read: [
    "/obsvty.v1.QueryService/GetStats",
    "/obsvty.v1.FaultService/SetFaults",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/",
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
