import assert from "node:assert/strict";
import { test } from "node:test";
import { serviceHues } from "../../../../src/web/format/value.ts";
import { hueRegistry } from "../../../../src/web/state/hue-registry.ts";

const services = Array.from({ length: 40 }, (_, at) => `service ${at}`);

/** What a browser keeps, in the test's own hands. */
function keeper(text?: string) {
  const texts = new Map(text === undefined ? [] : [["obsvty.hues", text]]);
  return {
    getItem: (name: string) => texts.get(name) ?? null,
    setItem: (name: string, value: string) => void texts.set(name, value),
    texts,
  };
}

test("the first dozen services have a hue each, which stays, and those of any trace differ", () => {
  const { hueOfService, huesAmong } = hueRegistry(undefined);
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

test("a service has the hue that it had in another tab, in whatever order services are seen", () => {
  const shared = keeper();
  const first = services.slice(0, serviceHues);
  const hues = first.map(hueRegistry(shared).hueOfService);
  const later = hueRegistry(shared);
  assert.deepEqual(first.toReversed().map(later.hueOfService).reverse(), hues);
  // No name is kept.
  assert.doesNotMatch([...shared.texts.values()].join(), /service/);
});

test("a new service takes the hue of the one that was not seen for longest", () => {
  const shared = keeper();
  const first = services.slice(0, serviceHues);
  const before = hueRegistry(shared);
  const hues = first.map(before.hueOfService);
  const { hueOfService } = hueRegistry(shared);
  assert.equal(hueOfService(first[1] ?? ""), hues[1]);
  assert.equal(hueOfService("new"), hues[0]);
  assert.equal(hueOfService("newer"), hues[2]);
  assert.equal(hueRegistry(shared).hueOfService("new"), hues[0]);
});

test("a browser that keeps nothing, or something else, is done without", () => {
  const fails = () => {
    throw new Error("not allowed");
  };
  const kept = ["", "null", "{}", "[[1]]", '[[1,99],["a",1],[1,-1]]', "[[1,2", "[null]"].map(keeper);
  for (const own of [...kept, { getItem: fails, setItem: fails }]) {
    const { hueOfService } = hueRegistry(own);
    assert.equal(new Set(services.slice(0, serviceHues).map(hueOfService)).size, serviceHues);
  }
});
