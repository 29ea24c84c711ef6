import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { TraceId } from "../../../../src/domain/ids.ts";
import {
  type FilterPart,
  logParts,
  metricParts,
  spanParts,
} from "../../../../src/use-cases/filter/filter-parts.ts";
import { keep, logsWith, metricsOf, spansWith } from "../../../contract/store-requests.ts";
import { makeAttributes } from "../../../support/otlp-attributes.ts";
import { buildReader } from "../../../support/reader.ts";

const failing = <Item>(parts: readonly FilterPart<Item>[], item: Item) =>
  parts.filter(({ isMet }) => !isMet(item)).map(({ name }) => name);

const traceId = "ab".repeat(16) as TraceId;
const otherId = "cd".repeat(16) as TraceId;

describe("the parts of a filter", () => {
  it("say on which field a span fails", async () => {
    const { reader, store } = buildReader();
    const span = {
      traceId: Buffer.from(traceId, "hex"),
      name: "a",
      kind: 3,
      startTimeUnixNano: 10n,
      endTimeUnixNano: 15n,
      status: { code: 2 },
      attributes: makeAttributes({ tag: 1 }),
    } as const;
    keep(store, "traces", spansWith(span));
    const [item] = (await reader.searchSpans({})).items;
    for (const [name, met, missed] of [
      ["service", { service: "shop" }, { service: "cart" }],
      ["name", { name: "a" }, { name: "b" }],
      ["trace_id", { traceId }, { traceId: otherId }],
      ["kind", { kind: 3 }, { kind: 0 }],
      ["status_code", { statusCode: 2 }, { statusCode: 1 }],
      ["min_duration", { minDurationNano: 5n }, { minDurationNano: 6n }],
      ["max_duration", { maxDurationNano: 5n }, { maxDurationNano: 4n }],
      ["since", { sinceUnixNano: 10n }, { sinceUnixNano: 11n }],
      ["until", { untilUnixNano: 11n }, { untilUnixNano: 10n }],
      ['attributes["tag"]', { attributes: new Map([["tag", "1"]]) }, { attributes: new Map([["tag", "2"]]) }],
    ] as const) {
      assert.deepEqual(failing(spanParts(met), item!), [], name);
      assert.deepEqual(failing(spanParts(missed), item!), [name]);
    }
    assert.deepEqual(spanParts(), []);
  });

  it("say on which field a log record fails", async () => {
    const { reader, store } = buildReader();
    const ids = { traceId: Buffer.from(traceId, "hex") };
    const body = { value: { case: "stringValue", value: "hello" } } as const;
    keep(
      store,
      "logs",
      logsWith({ ...ids, severityNumber: 9, timeUnixNano: 0n, observedTimeUnixNano: 7n, body }),
    );
    const [item] = (await reader.searchLogs({})).items;
    for (const [name, met, missed] of [
      ["min_severity", { minSeverity: 9 }, { minSeverity: 10 }],
      ["body_contains", { bodyContains: "ell" }, { bodyContains: "x" }],
      ["trace_id", { traceId }, { traceId: otherId }],
      ["since", { sinceUnixNano: 7n }, { sinceUnixNano: 8n }],
    ] as const) {
      assert.deepEqual(failing(logParts(met), item!), [], name);
      assert.deepEqual(failing(logParts(missed), item!), [name]);
    }
    assert.deepEqual(logParts(), []);
  });

  it("say on which field a data point fails", async () => {
    const { reader, store } = buildReader();
    keep(store, "metrics", metricsOf(1));
    const [item] = (await reader.searchMetrics({})).items;
    for (const [name, met, missed] of [
      ["name", { name: item!.name }, { name: "x" }],
      ["type", { type: "sum" }, { type: "gauge" }],
    ] as const) {
      assert.deepEqual(failing(metricParts(met), item!), [], name);
      assert.deepEqual(failing(metricParts(missed), item!), [name]);
    }
    assert.deepEqual(metricParts(), []);
  });
});
