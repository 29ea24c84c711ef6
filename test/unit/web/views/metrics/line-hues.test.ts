import assert from "node:assert/strict";
import { test } from "node:test";
import { hueClass, huesOf } from "../../../../../src/web/views/metrics/line-hues.ts";

const lines = (keys: string) => [...keys].map((key) => ({ key }));

test("lines take the first hues in their order", () => {
  assert.deepEqual([...huesOf(lines("abc"), new Map())], Object.entries({ a: 0, b: 1, c: 2 }));
});

test("a line keeps its hue when others come before it, and a new one takes one that is free", () => {
  const before = huesOf(lines("abc"), new Map());
  const after = huesOf(lines("dca"), before);
  assert.deepEqual(Object.fromEntries(after), { c: 2, a: 0, d: 1 });
});

test("more lines than hues have hues of others", () => {
  assert.equal(hueClass(1), "hue-1");
  assert.equal(hueClass(13), "hue-1");
});
