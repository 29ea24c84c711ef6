import assert from "node:assert/strict";
import { test } from "node:test";
import { withHexIds } from "../../../../../src/web/parts/download/hex-ids.ts";
import { otlpFile } from "../../../../../src/web/parts/download/otlp-file.ts";

test("a file of OTLP/JSON has what was added to it, and takes no more than it may", () => {
  const file = otlpFile("resourceLogs", 20);
  assert.equal(file.parts.join(""), '{"resourceLogs":[]}');
  assert.ok(file.add([{ a: 1 }]));
  assert.ok(file.add([]));
  assert.ok(file.add([{ b: 2 }]));
  assert.ok(!file.add([{ c: 3 }, { d: 4 }]));
  assert.ok(!file.add([{ e: 5 }]));
  assert.ok(file.isFull);
  assert.equal(file.parts.join(""), '{"resourceLogs":[{"a":1},{"b":2}]}');
});

test("ids are in hex, and keys of attributes that are called like ids stay as they are", () => {
  const record = { traceId: "W47/95gDgQPSabYzgT/GDA==", spanId: "7uGbfsPBsXQ=" };
  const attributes = [
    { key: "traceId", value: { stringValue: "W47/" } },
    { key: "n", value: { intValue: "1" } },
  ];
  assert.deepEqual(withHexIds({ logRecords: [{ ...record, attributes }] }), {
    logRecords: [{ traceId: "5b8efff798038103d269b633813fc60c", spanId: "eee19b7ec3c1b174", attributes }],
  });
});
