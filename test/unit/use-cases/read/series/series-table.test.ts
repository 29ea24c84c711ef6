import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetricPoint } from "../../../../../src/domain/telemetry.ts";
import { SeriesTable } from "../../../../../src/use-cases/read/series/series-table.ts";
import { StepClock } from "../../../../../src/use-cases/read/series/step-clock.ts";
import { heapAndBufferBytes } from "../../../../support/heap.ts";

const second = 1_000_000_000n;

function gaugeOf(line: number, seconds: number): MetricPoint {
  const scope = { name: "", version: "", attributes: {}, droppedAttributesCount: 0, schemaUrl: "" };
  return {
    name: "m",
    type: "gauge",
    attributes: { line },
    value: { kind: "double", value: line },
    startUnixNano: 0n,
    timeUnixNano: BigInt(seconds) * second,
    exemplars: [],
    service: "shop",
    resource: {},
    scope,
  } as unknown as MetricPoint;
}

test("a table of series frees the lines that it gives up", () => {
  const steps = 1_000;
  const shape = { type: "gauge", unit: "1", monotonic: false } as const;
  const clock = new StepClock({ startUnixNano: 0n, stepNano: second, count: steps });
  const table = new SeriesTable([], { shape, asked: "value", clock, windowStartUnixNano: 0n });
  const before = heapAndBufferBytes();
  for (const seconds of [1, 2]) {
    for (let line = 0; line < 10_000; line++) table.add(gaugeOf(line, seconds));
  }
  // Each line takes 16,000 bytes, and what tells its series some thousands.
  const held = heapAndBufferBytes() - before;
  assert.ok(held < 80_000_000, `${held}`);
  assert.ok(table.bytes > held / 4 && table.bytes < 80_000_000, `${table.bytes} of ${held}`);
});
