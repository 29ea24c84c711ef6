import assert from "node:assert/strict";
import { test } from "node:test";
import type { EncodedItem } from "../../../src/domain/encoded-item.ts";
import { encodeItems } from "../../../src/otlp/encode-items.ts";
import { calibration, inOneStep, longestStep } from "../../support/step-times.ts";

test("points that share a metric of many fields cost little more than one of them", () => {
  const fields = 200_000;
  // Field 12 of Metric, `metadata`, empty; then field 5, `gauge`, empty.
  const metric = Buffer.concat([
    Buffer.alloc(2 * fields, Uint8Array.of((12 << 3) | 2, 0)),
    Buffer.of((5 << 3) | 2, 0),
  ]);
  const none = new Uint8Array();
  const shared = { resource: none, resourceSchemaUrl: "", scope: none, scopeSchemaUrl: "", metric };
  const points: EncodedItem[] = Array.from({ length: 1_000 }, (_, ordinal) => ({
    ...shared,
    ordinal,
    item: none,
  }));
  assert.ok(longestStep(() => inOneStep(() => encodeItems(points))) < calibration());
});
