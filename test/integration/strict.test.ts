import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { exportPath } from "../../src/domain/signal.ts";
import { startObsvty, statsOf } from "../support/obsvty.ts";

// OTLP/JSON and Connect's JSON; `test/conformance/ways-in.test.ts` has what is sent in protobuf.

/** An unknown field, an unknown enum value and no name. */
const odd = {
  resourceMetrics: [{ scopeMetrics: [{ metrics: [{ sum: { aggregationTemporality: 7 }, new: 1 }] }] }],
};
const metric = "resource_metrics[0].scope_metrics[0].metrics[0]";
const warnings =
  `warnings: unknown field (${metric}."new"); ` +
  `unknown enum value (${metric}.sum.aggregation_temporality); name is empty (${metric})`;

describe("with VALIDATION=strict", () => {
  for (const [format, path] of [
    ["OTLP/JSON", "/v1/metrics"],
    ["Connect's JSON", exportPath("metrics")],
  ] as const) {
    for (const [size, text] of [
      ["small", JSON.stringify(odd)],
      // Encoded on a thread.
      ["large", JSON.stringify(odd) + " ".repeat(40_000)],
    ] as const) {
      test(`with VALIDATION=strict a ${size} export of oddities in ${format} is kept and warned of`, async (t) => {
        const server = await startObsvty(t, { settings: { VALIDATION: "strict" } });
        const headers = { "content-type": "application/json" };
        const reply = await fetch(server.url + path, { method: "POST", headers, body: text });
        assert.equal(reply.status, 200);
        assert.deepEqual(await reply.json(), { partialSuccess: { errorMessage: warnings } });
        assert.equal((await statsOf(server)).metrics.refused, 0);
      });
    }
  }
});
