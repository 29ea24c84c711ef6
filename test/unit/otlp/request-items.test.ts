import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { signals } from "../../../src/domain/signal.ts";
import { countItems, cutRequest } from "../../../src/otlp/request-items.ts";
import { requestSchemas } from "../../../src/otlp/services.ts";
import { encode, requestOf } from "../../contract/store-requests.ts";

for (const signal of signals) {
  test(`the items of a request are counted without decoding it: ${signal}`, () => {
    for (const count of [1, 7, 30]) {
      const bytes = encode(signal, requestOf(signal, count));
      assert.equal(countItems(signal, bytes), count);
      assert.equal(
        countItems(signal, signal === "profiles" ? bytes : Buffer.concat([bytes, bytes])),
        signal === "profiles" ? count : 2 * count,
      );
    }
    assert.equal(countItems(signal, new Uint8Array()), 0);
  });
}

test("bytes that are no request have no items, and are not read past their end", () => {
  for (const bytes of [Buffer.from("{}{}{}{}"), Buffer.from([0x0a, 0xff]), Buffer.alloc(100, 0xff)]) {
    for (const signal of signals) assert.equal(countItems(signal, bytes), 0);
  }
});

for (const signal of signals) {
  test(`a request is cut into parts that hold its items once, in order: ${signal}`, () => {
    const bytes = Buffer.from(encode(signal, requestOf(signal, 7)));
    assert.deepEqual(Buffer.from(cutRequest(signal, bytes, 0, 7)), bytes);
    for (const size of [1, 2, 4]) {
      const parts = [];
      for (let from = 0; from < 7; from += size) {
        const part = cutRequest(signal, bytes, from, Math.min(size, 7 - from));
        assert.equal(countItems(signal, part), Math.min(size, 7 - from));
        parts.push(part);
      }
      const items = parts.flatMap((part) => itemsIn(fromBinary(requestSchemas[signal], part)));
      assert.deepEqual(items, itemsIn(fromBinary(requestSchemas[signal], bytes)));
    }
  });
}

/** The items of a decoded request. */
function itemsIn(request: object): unknown[] {
  const lists = (value: object, ...names: string[]): object[] =>
    names.reduce<object[]>(
      (found, name) => found.flatMap((each) => (each as Record<string, object[]>)[name] ?? []),
      [value],
    );
  const metrics = lists(request, "resourceMetrics", "scopeMetrics", "metrics") as {
    data: { value: object };
  }[];
  return [
    ...lists(request, "resourceSpans", "scopeSpans", "spans"),
    ...lists(request, "resourceLogs", "scopeLogs", "logRecords"),
    ...metrics.flatMap(({ data }) => lists(data.value, "dataPoints")),
    ...lists(request, "resourceProfiles", "scopeProfiles", "profiles"),
  ];
}
