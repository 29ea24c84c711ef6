import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RingStore } from "../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import type { MetricPoint } from "../../../../src/domain/telemetry.ts";
import { decodeMetricPoint } from "../../../../src/otlp/decode/decode-item.ts";
import { seriesKeys } from "../../../../src/use-cases/filter/series-key.ts";
import { fixed64, lengthDelimited } from "../../../support/wire.ts";

const text = (field: number, value: string) => lengthDelimited(field, Buffer.from(value));
const nothing = new Uint8Array();

interface Texts {
  readonly name?: string;
  readonly scope?: Uint8Array;
  readonly scopeSchemaUrl?: string;
}

/** Points of one metric as a store reads them, with 1 as their time and value. */
function pointsOf(count: number, { name = "m", scope = nothing, scopeSchemaUrl = "" }: Texts): MetricPoint[] {
  const point = lengthDelimited(1, fixed64(3, 1n), fixed64(6, 1n));
  const metric = lengthDelimited(2, text(1, name), lengthDelimited(5, ...Array(count).fill(point)));
  const scopeMetrics = lengthDelimited(2, lengthDelimited(1, scope), metric, text(3, scopeSchemaUrl));
  const request = lengthDelimited(1, scopeMetrics);
  const store = new RingStore({ maxItems: count, maxBytes: 2 ** 25, maxRequestBytes: 2 ** 23 });
  store.append("metrics", [request], request.byteLength);
  return Array.from({ length: count }, (_, ordinal) => {
    const encoded = store.read("metrics", ordinal);
    assert.ok(encoded !== undefined);
    return decodeMetricPoint(encoded);
  });
}

const long = "a".repeat(2_000_000);
const texts: Readonly<Record<string, (value: string) => Texts>> = {
  "name of their metric": (name) => ({ name }),
  "name of their scope": (value) => ({ scope: text(1, value) }),
  "version of their scope": (value) => ({ scope: text(2, value) }),
  "schema URL of their scope": (scopeSchemaUrl) => ({ scopeSchemaUrl }),
};

for (const [what, withText] of Object.entries(texts)) {
  describe(`of points that share the ${what}:`, () => {
    test(`of points that share the ${what}, when it is long, the first one alone costs what its length takes`, () => {
      const [first, ...others] = pointsOf(301, withText(long));
      assert.ok(first !== undefined);
      const keyOf = seriesKeys();
      const timed = (points: readonly MetricPoint[]) => {
        const begin = performance.now();
        const keys = new Set(points.map(keyOf));
        return { keys, ms: performance.now() - begin };
      };
      const one = timed([first]);
      const rest = timed(others);
      assert.deepEqual(rest.keys, one.keys);
      assert.ok(rest.ms < 30 * one.ms, `${rest.ms} ms for 300 more, ${one.ms} ms for the first`);
    });

    test(`of points whose ${what} is long, those that differ in its end alone are of other series`, () => {
      const points = ["x", "y", "x"].flatMap((end) => pointsOf(1, withText(long + end)));
      const [x, y, again] = points.map(seriesKeys());
      assert.notEqual(x, y);
      assert.equal(again, x);
    });
  });
}

test("the key of a series stays short, whatever is long, and no short text has the key of a long one", () => {
  const keyOf = seriesKeys();
  const [point] = pointsOf(1, { name: long });
  assert.ok(point !== undefined);
  const key = keyOf(point);
  assert.ok(key.length <= 512);
  const [, , name = ""] = JSON.parse(key) as [string, unknown, readonly string[]];
  for (const lookalike of [...name, JSON.stringify(name)]) {
    assert.notEqual(keyOf({ ...point, name: lookalike }), key);
  }
});
