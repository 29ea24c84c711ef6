import assert from "node:assert/strict";
import { test } from "node:test";
import { signals, signalTraits } from "../../../src/domain/signal.ts";
import { otlpServices } from "../../../src/otlp/services.ts";

for (const signal of signals) {
  test(`the generated OTLP service of ${signal} has the name that the domain gives it`, () => {
    assert.equal(otlpServices[signal].typeName, signalTraits[signal].serviceName);
  });
}
