import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isBelowHttpPaths, signals, signalTraits } from "../../../src/domain/signal.ts";

describe("isBelowHttpPaths", () => {
  it("isBelowHttpPaths knows the OTLP/HTTP path of every signal, and other paths of the same version", () => {
    for (const signal of signals) assert.ok(isBelowHttpPaths(signalTraits[signal].httpPath), signal);
    for (const path of ["/v1/", "/v1/spans", "/v1/traces/more", "/v1development/traces"]) {
      assert.ok(isBelowHttpPaths(path), path);
    }
  });

  it("isBelowHttpPaths takes no path of another version for one of OTLP/HTTP", () => {
    for (const path of [
      "",
      "/",
      "/v1",
      "/v1development",
      "/v2/traces",
      "/otlp/v1/traces",
      "/v1.Service/Export",
    ]) {
      assert.ok(!isBelowHttpPaths(path), path);
    }
  });
});
