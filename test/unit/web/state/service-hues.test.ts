import assert from "node:assert/strict";
import { test } from "node:test";
import { serviceHues } from "../../../../src/web/format/value.ts";
import { hueOfService, huesAmong } from "../../../../src/web/state/service-hues.ts";

test("the first dozen services have a hue each, which stays, and those of any trace differ", () => {
  const services = Array.from({ length: 40 }, (_, at) => `service ${at}`);
  const hues = services.map(hueOfService);
  assert.equal(new Set(hues.slice(0, serviceHues)).size, serviceHues);
  assert.deepEqual(services.map(hueOfService), hues);
  // Those after the first dozen share hues, and are told apart where they are seen together.
  const trace = services.slice(20, 20 + serviceHues);
  assert.ok(new Set(trace.map(hueOfService)).size < serviceHues);
  assert.equal(new Set(huesAmong(trace).values()).size, serviceHues);
  // Which keeps the hues that they have elsewhere where it can.
  const first = services.slice(0, serviceHues);
  assert.deepEqual([...huesAmong(first).values()], first.map(hueOfService));
  assert.equal(huesAmong([...services, ...services]).size, services.length);
});
