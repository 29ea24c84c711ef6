import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { TraceId } from "../../../../src/domain/ids.ts";
import type { FilterOf, ItemKind, ItemOf } from "../../../../src/domain/item-kind.ts";
import { planOf } from "../../../../src/use-cases/filter/item-plan.ts";
import { keep, logsWith, metricsOf, spansWith } from "../../../contract/store-requests.ts";
import { makeAttributes } from "../../../support/otlp-attributes.ts";
import { buildReader } from "../../../support/reader.ts";

/** The names of the conditions that an item fails. Whether it matches must agree with them. */
function failing<Kind extends ItemKind>(kind: Kind, filter: FilterOf<Kind>, item: ItemOf<Kind>): string[] {
  const { conditions, matches } = planOf(kind, filter);
  const names = conditions.filter(({ isMet }) => !isMet(item)).map(({ name }) => name);
  assert.equal(matches?.(item), names.length === 0);
  return names;
}

const traceId = "ab".repeat(16) as TraceId;
const otherId = "cd".repeat(16) as TraceId;

describe("the fields of a filter", () => {
  it("a filter without fields has no matcher and no conditions", () => {
    for (const kind of ["spans", "logs", "metrics"] as const) {
      const { filter, matches, conditions } = planOf(kind);
      assert.deepEqual([filter, matches, conditions], [{}, undefined, []]);
      // So does one without attributes: items need not be decoded to be found by it.
      const empty = planOf(kind, { attributes: new Map() });
      assert.deepEqual([empty.matches, empty.conditions], [undefined, []]);
    }
  });

  it("a miss names the field of the filter on which a span fails", async () => {
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
    const [item] = (await reader.search("spans", {})).items;
    for (const [name, met, missed] of [
      ["service", { service: "shop" }, { service: "cart" }],
      ["name", { name: "a" }, { name: "b" }],
      ["name_contains", { nameContains: "A" }, { nameContains: "tag" }],
      ["text_contains", { textContains: "TAG" }, { textContains: "b" }],
      ["trace_id", { traceId }, { traceId: otherId }],
      ["kind", { kind: 3 }, { kind: 0 }],
      ["status_code", { statusCode: 2 }, { statusCode: 1 }],
      ["min_duration", { minDurationNano: 5n }, { minDurationNano: 6n }],
      ["max_duration", { maxDurationNano: 5n }, { maxDurationNano: 4n }],
      ["since", { sinceUnixNano: 10n }, { sinceUnixNano: 11n }],
      ["until", { untilUnixNano: 11n }, { untilUnixNano: 10n }],
      ['attributes["tag"]', { attributes: new Map([["tag", "1"]]) }, { attributes: new Map([["tag", "2"]]) }],
    ] as const) {
      assert.deepEqual(failing("spans", met, item!), [], name);
      assert.deepEqual(failing("spans", missed, item!), [name]);
    }
  });

  it("a miss names the field of the filter on which a log record fails", async () => {
    const { reader, store } = buildReader();
    const ids = { traceId: Buffer.from(traceId, "hex") };
    const body = { value: { case: "stringValue", value: "hello" } } as const;
    keep(
      store,
      "logs",
      logsWith({ ...ids, severityNumber: 9, timeUnixNano: 0n, observedTimeUnixNano: 7n, body }),
    );
    const [item] = (await reader.search("logs", {})).items;
    for (const [name, met, missed] of [
      ["min_severity", { minSeverity: 9 }, { minSeverity: 10 }],
      ["body_contains", { bodyContains: "ell" }, { bodyContains: "x" }],
      ["text_contains", { textContains: "ELL" }, { textContains: "x" }],
      ["trace_id", { traceId }, { traceId: otherId }],
      ["since", { sinceUnixNano: 7n }, { sinceUnixNano: 8n }],
    ] as const) {
      assert.deepEqual(failing("logs", met, item!), [], name);
      assert.deepEqual(failing("logs", missed, item!), [name]);
    }
  });

  it("a filter does not take an unknown time for the earliest, nor an unknown duration for the shortest or the longest", async () => {
    const { reader, store } = buildReader();
    keep(store, "traces", spansWith({ startTimeUnixNano: 0n, endTimeUnixNano: 15n }));
    keep(store, "traces", spansWith({ startTimeUnixNano: 10n, endTimeUnixNano: 0n }));
    keep(store, "logs", logsWith({ timeUnixNano: 0n, observedTimeUnixNano: 0n }));
    const [onlyEnd, onlyStart] = (await reader.search("spans", {})).items;
    const [log] = (await reader.search("logs", {})).items;
    const bounds = { minDurationNano: 0n, maxDurationNano: 2n ** 63n };
    const times = { sinceUnixNano: 0n, untilUnixNano: 2n ** 64n };
    assert.deepEqual(failing("spans", { ...bounds, ...times }, onlyEnd!), [
      "since",
      "until",
      "min_duration",
      "max_duration",
    ]);
    assert.deepEqual(failing("spans", { ...bounds, ...times }, onlyStart!), ["min_duration", "max_duration"]);
    assert.deepEqual(failing("logs", times, log!), ["since", "until"]);
    const { items } = await reader.search("spans", { filter: { untilUnixNano: 2n ** 64n } });
    assert.deepEqual(items, [onlyStart]);
  });

  it("a miss names the field of the filter on which a data point fails", async () => {
    const { reader, store } = buildReader();
    keep(store, "metrics", metricsOf(1));
    const [item] = (await reader.search("metrics", {})).items;
    for (const [name, met, missed] of [
      ["name", { name: item!.name }, { name: "x" }],
      ["type", { type: "sum" }, { type: "gauge" }],
    ] as const) {
      assert.deepEqual(failing("metrics", met, item!), [], name);
      assert.deepEqual(failing("metrics", missed, item!), [name]);
    }
  });
});
