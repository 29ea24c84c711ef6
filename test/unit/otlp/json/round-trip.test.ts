import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from "@opentelemetry/otlp-transformer";
import { AggregationTemporality } from "@opentelemetry/sdk-metrics";
import fc from "fast-check";
import { RingStore } from "../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { type Signal, signals } from "../../../../src/domain/signal.ts";

import { writeJsonItem, writeJsonRequest } from "../../../../src/otlp/json/write-request.ts";
import { requestSchemas } from "../../../../src/otlp/services.ts";
import { encode, requestOf } from "../../../contract/store-requests.ts";
import { anyMessage } from "../../../support/random-message.ts";
import { readJson } from "../../../support/read-json.ts";
import { recordSdkLogs, recordSdkMetrics, recordSdkSpans } from "../../../support/sdk-telemetry.ts";

const utf8 = (text: string) => Buffer.from(text);

describe("a request written as OTLP/JSON and read again", () => {
  for (const signal of signals) {
    test(`a request written as OTLP/JSON and read again is the same: ${signal} with any field set to any value`, () => {
      const schema: DescMessage = requestSchemas[signal];
      fc.assert(
        fc.property(anyMessage(schema), (message) => {
          const bytes = toBinary(schema, message);
          const json = writeJsonRequest(signal, bytes);
          const again = readJson(signal, utf8(json)).bytes;
          // Protobuf-ES writes fields in one order, so that the same message is the same bytes.
          assert.deepEqual(toBinary(schema, fromBinary(schema, again)), bytes);
          assert.equal(writeJsonRequest(signal, again), json);
        }),
        { numRuns: 150 },
      );
    });

    test(`a request written as OTLP/JSON and read again is the same: realistic ${signal}`, () => {
      for (let seed = 1; seed <= 20; seed++) {
        const bytes = encode(signal, requestOf(signal, 25, { seed }));
        const json = writeJsonRequest(signal, bytes);
        assert.equal(writeJsonRequest(signal, readJson(signal, utf8(json)).bytes), json);
      }
    });
  }

  const samples = new URL("../../../conformance/fixtures/otlp-json/", import.meta.url);
  const sampleSignals: Readonly<Record<string, Signal>> = {
    "events.json": "logs",
    "logs.json": "logs",
    "metrics.json": "metrics",
    "trace.json": "traces",
  };
  for (const name of readdirSync(samples)) {
    test(`a request written as OTLP/JSON and read again is the same: the official sample ${name}`, () => {
      const signal = sampleSignals[name]!;
      const bytes = readJson(signal, readFileSync(new URL(name, samples))).bytes;
      const json = writeJsonRequest(signal, bytes);
      assert.equal(writeJsonRequest(signal, readJson(signal, utf8(json)).bytes), json);
      const store = new RingStore({ maxItems: 100, maxBytes: 1 << 20, maxRequestBytes: 1 << 20 });
      const outcome = store.append(signal, [bytes], bytes.byteLength);
      assert.ok(outcome.kind === "kept" && outcome.accepted > 0 && outcome.rejected === 0);
    });
  }
});

describe("the official JavaScript serializers", () => {
  test("JSON of the official JavaScript serializers is read as the request that they write in protobuf", async () => {
    const spans = await recordSdkSpans();
    const logs = await recordSdkLogs();
    const metrics = await recordSdkMetrics(AggregationTemporality.CUMULATIVE);
    const pairs = [
      [
        "traces",
        JsonTraceSerializer.serializeRequest(spans),
        ProtobufTraceSerializer.serializeRequest(spans),
      ],
      ["logs", JsonLogsSerializer.serializeRequest(logs), ProtobufLogsSerializer.serializeRequest(logs)],
      [
        "metrics",
        JsonMetricsSerializer.serializeRequest(metrics),
        ProtobufMetricsSerializer.serializeRequest(metrics),
      ],
    ] as const;
    for (const [signal, json, protobuf] of pairs) {
      // By the Collector's JSON, in which an empty resource is as good as none.
      assert.deepEqual(
        JSON.parse(writeJsonRequest(signal, readJson(signal, json!).bytes)),
        JSON.parse(writeJsonRequest(signal, protobuf!)),
      );
    }
  });
});

describe("a kept item written as OTLP/JSON", () => {
  for (const signal of ["traces", "logs", "metrics"] as const) {
    test(`a kept item written as OTLP/JSON is a whole document with its resource and scope: ${signal}`, () => {
      const store = new RingStore({ maxItems: 100, maxBytes: 1 << 20, maxRequestBytes: 1 << 20 });
      const whole = JSON.parse(writeJsonRequest(signal, encode(signal, requestOf(signal, 10, { seed: 3 }))));
      for (const container of listsIn(whole)) {
        Object.assign(container, { schemaUrl: "https://example.com/resource" });
        for (const scope of listsIn(container))
          Object.assign(scope, { schemaUrl: "https://example.com/scope" });
      }
      const { bytes } = readJson(signal, utf8(JSON.stringify(whole)));
      store.append(signal, [bytes], bytes.byteLength);
      const items = itemsOf(whole);
      assert.equal(items.length, 10);
      for (let ordinal = 0; ordinal < 10; ordinal++) {
        const alone = JSON.parse(writeJsonItem(signal, store.read(signal, ordinal)!));
        assert.deepEqual(itemsOf(alone), [items[ordinal]]);
      }
    });
  }
});

type Members = Readonly<Record<string, unknown>>;

/** Each item with its resource, its scope, their schema URLs, and the fields of its metric other than points. */
function itemsOf(request: Members): unknown[] {
  return listsIn(request).flatMap(({ resource, schemaUrl: resourceSchemaUrl, ...inResource }) =>
    listsIn(inResource).flatMap(({ scope, schemaUrl, ...inScope }) =>
      listsIn(inScope).flatMap((item) =>
        pointsOf(item).map((one) => ({ resource, resourceSchemaUrl, scope, schemaUrl, one })),
      ),
    ),
  );
}

function listsIn(members: Members): Members[] {
  return Object.values(members).filter(Array.isArray).flat();
}

function pointsOf(item: Members): unknown[] {
  for (const type of ["gauge", "sum", "histogram", "exponentialHistogram", "summary"]) {
    const { dataPoints, ...data } = (item[type] ?? {}) as { readonly dataPoints?: readonly unknown[] };
    if (dataPoints !== undefined) return dataPoints.map((point) => ({ ...item, [type]: { ...data, point } }));
  }
  return [item];
}
