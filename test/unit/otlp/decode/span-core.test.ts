import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeSpan } from "../../../../src/otlp/decode/decode-item.ts";
import { decodeSpanCore, statusMessageOf } from "../../../../src/otlp/decode/span-core.ts";
import { keep } from "../../../contract/store-requests.ts";
import { FakeStore } from "../../../support/fake-store.ts";
import { oddRequest } from "../../../support/odd-telemetry.ts";
import { lengthDelimited } from "../../../support/wire.ts";

test("a span without its lists is what the whole span is", () => {
  const store = new FakeStore({ maxItems: 1_000, maxBytes: 2 ** 24 });
  for (let seed = 1; seed <= 30; seed++) keep(store, "traces", oddRequest("traces", seed, 20));
  for (let ordinal = 0; ordinal < store.range("traces").next; ordinal++)
    check(store.read("traces", ordinal)!);
});

test("a span's field that occurs twice counts by its last value, and a status in two parts is one", () => {
  const varint = (number: number, ...bytes: number[]) => Uint8Array.of(number * 8, ...bytes);
  const id = (number: number, byte: number) => lengthDelimited(number, new Uint8Array(8).fill(byte));
  const item = Buffer.concat([
    id(2, 1),
    id(2, 2),
    id(4, 3),
    id(4, 0),
    lengthDelimited(5, Buffer.from("a")),
    lengthDelimited(5, Buffer.from([0xff, 98])),
    varint(6, 2),
    varint(6, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1),
    lengthDelimited(15, varint(3, 2)),
    lengthDelimited(15, lengthDelimited(2, Buffer.from("boom"))),
  ]);
  const nothing = new Uint8Array();
  check({
    ordinal: 0,
    item: new Uint8Array(item),
    resource: nothing,
    resourceSchemaUrl: "",
    scope: nothing,
    scopeSchemaUrl: "",
  });
});

function check(encoded: Parameters<typeof decodeSpan>[0]): void {
  const { spanId, parentSpanId, name, service, kind, status, startUnixNano, endUnixNano } =
    decodeSpan(encoded);
  const core = {
    spanId,
    parentSpanId,
    name,
    service,
    kind,
    statusCode: status.code,
    startUnixNano,
    endUnixNano,
  };
  assert.deepEqual(decodeSpanCore(encoded), core);
  assert.equal(statusMessageOf(encoded.item), status.message);
}
