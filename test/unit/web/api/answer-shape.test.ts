import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { answerShapes } from "../../../../scripts/answer-shapes.ts";
import { wrongField } from "../../../../src/web/api/answer-shape.ts";

test("the shapes of answers are those of the descriptors of the API", () => {
  const file = new URL("../../../../gen/obsvty/v1/answer-shapes.ts", import.meta.url);
  assert.equal(readFileSync(file, "utf8"), answerShapes());
});

test("an answer as the API has it is taken, with fields that the page does not know", () => {
  for (const [answer, message] of [
    [{}, "SearchTracesResponse"],
    [{ traces: [{ traceId: "a", spanCount: 2, services: ["shop"], later: null }] }, "SearchTracesResponse"],
    [{ signals: { traces: { items: "1" } }, limits: {} }, "GetStatsResponse"],
    [
      { logs: [{ severity: "SEVERITY_NUMBER_INFO", body: null, attributes: { a: [1] } }] },
      "SearchLogsResponse",
    ],
    [{ logs: [{ severity: 77 }] }, "SearchLogsResponse"],
    [{ series: [{ points: [{ value: "NaN" }, { value: 1.5 }] }] }, "QueryMetricResponse"],
  ] as const) {
    assert.equal(wrongField(answer, message), undefined, JSON.stringify(answer));
  }
});

test("a field of another type is named with its way, but for the keys of a map", () => {
  for (const [answer, message, wrong] of [
    [{ traces: null }, "SearchTracesResponse", "traces"],
    [{ traces: {} }, "SearchTracesResponse", "traces"],
    [{ traces: [null] }, "SearchTracesResponse", "traces[0]"],
    [{ traces: [{}, { services: "shop" }] }, "SearchTracesResponse", "traces[1].services"],
    [{ traces: [{ startTime: 5 }] }, "SearchTracesResponse", "traces[0].startTime"],
    [{ signals: { "a secret": null } }, "GetStatsResponse", "signals{}"],
    [{ logs: [{ attributes: null }] }, "SearchLogsResponse", "logs[0].attributes"],
    [{ series: [{ points: [{ value: "1" }] }] }, "QueryMetricResponse", "series[0].points[0].value"],
  ] as const) {
    assert.equal(wrongField(answer, message), wrong, JSON.stringify(answer));
  }
});
