import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type DescMessage, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { faultList } from "../../../../src/domain/rejection.ts";
import { type Signal, signals } from "../../../../src/domain/signal.ts";
import { requestSchemas } from "../../../../src/otlp/services.ts";
import { StrictValidator } from "../../../../src/otlp/strict/strict-validator.ts";
import { encode, requestOf } from "../../../contract/store-requests.ts";
import { anyMessage } from "../../../support/random-message.ts";
import { oddities, warningCounts } from "../../../support/strict-oracle.ts";
import {
  fixed64,
  lengthDelimited,
  traceIdBytes,
  traceRequest,
  validSpanFields,
  varint,
  varintField,
} from "../../../support/wire.ts";

const validator = new StrictValidator(4 << 20, 4 << 20);

function warningsOf(signal: Signal, bytes: Uint8Array): string {
  return faultList(validator.check(signal, [bytes], bytes.byteLength));
}

function countsOf(signal: Signal, bytes: Uint8Array) {
  return warningCounts(validator.check(signal, [bytes], bytes.byteLength));
}

const text = (field: number, value: string) => lengthDelimited(field, Buffer.from(value));
const name = text(5, "GET /cart");
const attribute = (...fields: Uint8Array[]) => lengthDelimited(9, ...fields);
const key = (value: string) => text(1, value);
const value = lengthDelimited(2, varintField(3, 7));
const inSpan = "resource_spans[0].scope_spans[0].spans[0]";

const oddSpans: Readonly<Record<string, readonly [fields: readonly Uint8Array[], warning: string]>> = {
  "has an unknown field": [[name, varintField(99, 1)], `unknown field (${inSpan}.field 99)`],
  "has an unknown kind": [[name, varintField(6, 6)], `unknown enum value (${inSpan}.kind)`],
  "has a negative kind": [[name, varintField(6, 2n ** 64n - 1n)], `unknown enum value (${inSpan}.kind)`],
  "has an unknown status": [
    [name, lengthDelimited(15, varintField(3, 3))],
    `unknown enum value (${inSpan}.status.code)`,
  ],
  "ends before it starts": [
    [name, fixed64(7, 2n), fixed64(8, 1n)],
    `end_time_unix_nano is before start_time_unix_nano (${inSpan})`,
  ],
  "starts and does not end": [
    [name, fixed64(7, 2n)],
    `end_time_unix_nano is before start_time_unix_nano (${inSpan})`,
  ],
  "has no name": [[], `name is empty (${inSpan})`],
  "has an empty name after another": [[name, text(5, "")], `name is empty (${inSpan})`],
  "has an event without a name": [
    [name, lengthDelimited(11, fixed64(1, 1n))],
    `name is empty (${inSpan}.events[0])`,
  ],
  "has an attribute without a key": [[name, attribute(value)], `key is empty (${inSpan}.attributes[0])`],
  "has attributes with the same key": [
    [name, attribute(key("a"), value), attribute(key("b"), value), attribute(value, key("a"))],
    `key is given more than once (${inSpan}.attributes[2])`,
  ],
  "has a map with the same key twice": [
    [
      name,
      attribute(
        key("map"),
        lengthDelimited(2, lengthDelimited(6, ...["k", "k", "k"].map((one) => lengthDelimited(1, key(one))))),
      ),
    ],
    `key is given more than once (${inSpan}.attributes[0].value.kvlist_value.values[1] and 1 more)`,
  ],
  "has a link with a short id": [
    [name, lengthDelimited(13, lengthDelimited(1, traceIdBytes), lengthDelimited(2, varint(7)))],
    `span_id must be empty or 8 bytes, got 1 (${inSpan}.links[0].span_id)`,
  ],
  "has a name that is not UTF-8": [
    [lengthDelimited(5, Uint8Array.of(0x47, 0xc3, 0x28))],
    `not UTF-8 (${inSpan}.name)`,
  ],
  "has a value that is half of a surrogate pair": [
    [name, attribute(key("k"), lengthDelimited(2, lengthDelimited(1, Uint8Array.of(0xed, 0xa0, 0x80))))],
    `not UTF-8 (${inSpan}.attributes[0].value.string_value)`,
  ],
};

describe("the strict validator", () => {
  for (const [what, [fields, warning]] of Object.entries(oddSpans)) {
    test(`strict validation warns of a span that ${what}, saying where`, () => {
      const request = traceRequest(Buffer.concat([validSpanFields, ...fields]));
      assert.equal(warningsOf("traces", request), warning);
    });
  }

  test("strict validation warns of a log's bad ids, and not of missing ones", () => {
    const logs = (...records: Uint8Array[]) =>
      lengthDelimited(1, lengthDelimited(2, ...records.map((record) => lengthDelimited(2, record))));
    const ids = (...lengths: [trace: number, span: number]) =>
      Buffer.concat(lengths.map((length, i) => lengthDelimited(9 + i, Buffer.alloc(length))));
    assert.equal(warningsOf("logs", logs(Buffer.alloc(0), ids(0, 0), ids(16, 8))), "");
    const at = "resource_logs[0].scope_logs[0].log_records[1]";
    assert.equal(
      warningsOf("logs", logs(ids(16, 8), ids(15, 16), ids(1, 1))),
      `trace_id must be empty or 16 bytes, got 15 (${at}.trace_id and 1 more); ` +
        `span_id must be empty or 8 bytes, got 16 (${at}.span_id and 1 more)`,
    );
  });

  test("strict validation takes a key that is an index into a profile's dictionary", () => {
    const attributes = [1, 2].map((index) => lengthDelimited(1, varintField(3, index)));
    const profiles = lengthDelimited(1, lengthDelimited(1, ...attributes));
    assert.equal(warningsOf("profiles", profiles), "");
  });

  for (const signal of signals) {
    test(`strict validation warns of nothing in ordinary ${signal}`, () => {
      assert.equal(warningsOf(signal, encode(signal, requestOf(signal, 20))), "");
    });

    test(`strict validation finds what a plain reader finds in ${signal} with any field set to any value`, () => {
      const schema: DescMessage = requestSchemas[signal];
      fc.assert(
        fc.property(anyMessage(schema), (message) => {
          const bytes = toBinary(schema, message);
          assert.deepEqual(countsOf(signal, bytes), oddities(schema, bytes));
        }),
        { numRuns: 150 },
      );
    });
  }

  test("strict validation finds invalid UTF-8, whatever is around it", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.string({ unit: "binary", maxLength: 12 }).map((string) => Buffer.from(string)),
    );
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 4 }), (parts) => {
        const request = traceRequest(
          Buffer.concat([validSpanFields, name, text(12, "x"), lengthDelimited(3, Buffer.concat(parts))]),
        );
        assert.deepEqual(countsOf("traces", request), oddities(requestSchemas.traces, request));
      }),
      { numRuns: 2_000 },
    );
  });
});
