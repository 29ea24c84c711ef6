import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { requestSchemas } from "../../src/otlp/services.ts";
import { requestOf } from "../contract/store-requests.ts";
import { leafName, leavesOf, pathName, sentinelOf, withLeaf, zeroOf } from "../support/every-field.ts";
import { ingestNow, send } from "../support/ingest.ts";
import { query, startObsvty } from "../support/obsvty.ts";

/** Fields that no answer shows, with the reason. */
const notShown: Readonly<Record<string, string>> = {
  "AnyValue.string_value_strindex": "an index into the dictionary of profiles, which other signals have not",
  "KeyValue.key_strindex": "an index into the dictionary of profiles, which other signals have not",
};

const timeUnixNano = 1_795_000_000_000_000_000n;
const id = (length: number) => new Uint8Array(length).fill(1);
const point = { timeUnixNano, value: { case: "asInt", value: 1n } };
const span = { traceId: id(16), spanId: id(8) };

/** A request of one valid item, as bare as it can be. */
interface Base {
  readonly signal: "traces" | "logs" | "metrics";
  /** Which member of `Metric.data` holds the item. */
  readonly data?: string;
  readonly request: object;
}

function metricsBase(data: string, dataPoint: object): Base {
  const metric = { data: { case: data, value: { dataPoints: [dataPoint] } } };
  const request = { resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] };
  return { signal: "metrics", data, request };
}

const bases: readonly Base[] = [
  { signal: "traces", request: { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] } },
  { signal: "logs", request: { resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] } },
  metricsBase("gauge", point),
  metricsBase("sum", point),
  metricsBase("histogram", { timeUnixNano, bucketCounts: [1n, 2n], explicitBounds: [1] }),
  metricsBase("exponentialHistogram", { timeUnixNano }),
  metricsBase("summary", { timeUnixNano }),
];

const readBack = {
  traces: { method: "SearchSpans", list: "spans" },
  logs: { method: "SearchLogs", list: "logs" },
  metrics: { method: "SearchMetrics", list: "metrics" },
} as const;

describe("the API shows every field that OTLP defines", () => {
  for (const { signal, data, request: base } of bases) {
    const { method, list } = readBack[signal];
    test(`the API shows every field that OTLP defines in ${signal}${data === undefined ? "" : ` of type ${data}`}`, async (t) => {
      const server = await startObsvty(t);
      const schema: DescMessage = requestSchemas[signal];
      const show = async (message: Message): Promise<string | undefined> => {
        const outcome = ingestNow(server.core.ingest, signal, toBinary(schema, message));
        if (outcome.kind !== "accepted") return undefined;
        const { [list]: items } = await query(server, method, { limit: 1 });
        const { cursor, ...item } = items[0];
        return JSON.stringify(item);
      };
      const bare = await show(create(schema, base as never));
      assert.ok(bare !== undefined);
      const missing: string[] = [];
      for (const path of leavesOf(schema)) {
        const member = path.find(({ oneof }) => oneof?.name === "data");
        if (member !== undefined && member.localName !== data) continue;
        if (Object.hasOwn(notShown, leafName(path))) continue;
        const field = path.at(-1)!;
        const shown = await show(withLeaf(schema, base, path, sentinelOf(field)));
        assert.ok(shown !== undefined, `the item is accepted with ${pathName(path)}`);
        // What holds the field is there in both. An item that is rejected without the field has it in the base.
        const unset = (await show(withLeaf(schema, base, path, zeroOf(field)))) ?? bare;
        if (shown === unset) missing.push(pathName(path));
      }
      assert.deepEqual(missing, []);
    });
  }

  test("the list of fields that the API does not show names fields of OTLP's schema alone", () => {
    const all = Object.values(requestSchemas).flatMap((schema) => leavesOf(schema).map(leafName));
    assert.deepEqual(
      Object.keys(notShown).filter((name) => !all.includes(name)),
      [],
    );
  });
});

test("items are found by the attributes of their scope, in every signal that is searched", async (t) => {
  const server = await startObsvty(t);
  const scope = { name: "http", version: "1.0" };
  for (const signal of ["traces", "logs", "metrics"] as const) {
    const { method, list } = readBack[signal];
    for (const pool of ["a", "b", "a"]) {
      send(server, signal, requestOf(signal, 2, { scope: { ...scope, attributes: { pool } } }));
    }
    const { [list]: found } = await query(server, method, { filter: { attributes: { pool: "b" } } });
    assert.deepEqual(
      found.map((item: { scope: { attributes: unknown } }) => item.scope.attributes),
      [{ pool: "b" }, { pool: "b" }],
    );
  }
});
