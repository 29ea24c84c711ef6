import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { fastify } from "fastify";
import { accessPlugin } from "../../../../../src/adapters/inbound/admission/access-plugin.ts";
import { admissionPlugin } from "../../../../../src/adapters/inbound/admission/admission-plugin.ts";
import { rateLimitPlugin } from "../../../../../src/adapters/inbound/admission/rate-limit-plugin.ts";
import { bodyPlugin } from "../../../../../src/adapters/inbound/body/plugin.ts";
import { connectPlugin } from "../../../../../src/adapters/inbound/connect/plugin.ts";
import { corePlugin } from "../../../../../src/adapters/inbound/core-plugin.ts";
import { healthPlugin } from "../../../../../src/adapters/inbound/health/health-plugin.ts";
import { registerHealthService } from "../../../../../src/adapters/inbound/health/health-service.ts";
import { metricsPlugin } from "../../../../../src/adapters/inbound/metrics/metrics-plugin.ts";
import { receiverPlugin } from "../../../../../src/adapters/inbound/otlp-receiver/receiver-plugin.ts";
import { Lifecycle } from "../../../../../src/use-cases/lifecycle.ts";
import { fakeCore, testConfig } from "../../../../support/server.ts";

// A stopping server takes no connections, so only calls on their way meet this: here without a network.
async function stoppingApp(t: TestContext) {
  const app = fastify();
  const lifecycle = new Lifecycle();
  await app.register(corePlugin, { core: fakeCore(), config: testConfig(), lifecycle });
  await app.register(rateLimitPlugin);
  await app.register(accessPlugin);
  await app.register(admissionPlugin);
  await app.register(healthPlugin);
  await app.register(metricsPlugin);
  await app.register(bodyPlugin, { onRead: () => {}, onPiece: () => {} });
  await app.register(receiverPlugin);
  await app.register(connectPlugin({ registrars: [registerHealthService] }));
  app.post("/v1/traces", () => "kept");
  t.after(() => app.close());
  lifecycle.stop();
  return app;
}

describe("a stopping server", () => {
  it("a stopping server refuses exports with a retry hint, and counts them", async (t) => {
    const app = await stoppingApp(t);
    const reply = await app.inject({ method: "POST", url: "/v1/traces", payload: {} });
    assert.equal(reply.statusCode, 503);
    assert.equal(reply.headers["retry-after"], "1");
    assert.equal(reply.json().code, 14);
    assert.equal(app.getDecorator<ReturnType<typeof fakeCore>>("core").counters.of("traces").refused, 1);
  });

  it("a stopping server is alive and not ready", async (t) => {
    const app = await stoppingApp(t);
    const [live, ready, health] = await Promise.all(
      ["/livez", "/readyz", "/health"].map((url) => app.inject({ url })),
    );
    assert.equal(live?.statusCode, 200);
    assert.equal(ready?.statusCode, 503);
    assert.equal(health?.json().status, "stopping");
  });

  it("a stopping server tells gRPC's health check that it does not serve", async (t) => {
    const app = await stoppingApp(t);
    const reply = await app.inject({ method: "POST", url: "/grpc.health.v1.Health/Check", payload: {} });
    assert.deepEqual([reply.statusCode, reply.json()], [200, { status: "NOT_SERVING" }]);
  });
});
