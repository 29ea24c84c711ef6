import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { startServer } from "../support/server.ts";

describe("GET /health", () => {
  it("GET /health shows items, bytes and evictions of each signal", async (t) => {
    const settings = { MAX_BUFFER_SIZE: "50", MAX_BUFFER_BYTES: "100000" };
    const { url } = await startServer(t, { settings });
    const reply = (await (await fetch(`${url}/health`)).json()) as Record<string, unknown>;
    const { uptimeSeconds, ...health } = reply;
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    const fill = { items: 3, maxItems: 50, bytes: 40, evicted: 1 };
    assert.ok(Number.isInteger(uptimeSeconds));
    assert.deepEqual(health, {
      status: "ok",
      version,
      bytes: 160,
      maxBytes: 100_000,
      signals: { traces: fill, logs: fill, metrics: fill, profiles: fill },
    });
  });
});

for (const path of ["/livez", "/readyz"]) {
  it(`GET ${path} answers 200`, async (t) => {
    const { url } = await startServer(t);
    const reply = await fetch(`${url}${path}`);
    assert.deepEqual([reply.status, await reply.json()], [200, { status: "ok" }]);
  });
}
