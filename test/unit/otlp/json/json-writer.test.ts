import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type DescMessage, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { RingStore } from "../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { type Signal, signals } from "../../../../src/domain/signal.ts";
import { JsonWriter } from "../../../../src/otlp/json/json-writer.ts";
import { TextBuffer } from "../../../../src/otlp/json/text-buffer.ts";
import { writeJsonInPieces, writeJsonRequest } from "../../../../src/otlp/json/write-request.ts";
import { requestSchemas } from "../../../../src/otlp/services.ts";
import { appendBytes, encode, requestOf } from "../../../contract/store-requests.ts";
import { jsonByObjects } from "../../../support/json-oracle/message-to-plain.ts";
import { mutate } from "../../../support/mutate.ts";
import { createRandom } from "../../../support/random.ts";
import { anyMessage } from "../../../support/random-message.ts";
import { seedRequests } from "../../../support/scan-seeds.ts";
import { lengthDelimited, varintField } from "../../../support/wire.ts";

describe("the JSON writer", () => {
  for (const signal of signals) {
    test(`the JSON writer writes ${signal} with any field set to any value as Protobuf-ES decodes them`, () => {
      const schema: DescMessage = requestSchemas[signal];
      fc.assert(
        fc.property(anyMessage(schema), (message) => {
          const bytes = toBinary(schema, message);
          assert.equal(writeJsonRequest(signal, bytes), jsonByObjects(signal, bytes));
        }),
        { numRuns: 150 },
      );
    });
  }

  test("the JSON writer writes damaged requests that are accepted as Protobuf-ES decodes them", () => {
    const store = new RingStore({ maxItems: 500, maxBytes: 4 << 20, maxRequestBytes: 1 << 20 });
    let kept = 0;
    for (let seed = 1; seed <= 3_000; seed++) {
      const random = createRandom(seed);
      const signal = random.pick(signals);
      const bytes = mutate(requestSchemas[signal], seedRequests[signal], random);
      if (appendBytes(store, signal, bytes).kind !== "kept") continue;
      kept += 1;
      assert.equal(writeJsonRequest(signal, bytes), jsonByObjects(signal, bytes), `seed ${seed}`);
    }
    assert.ok(kept > 500, `${kept} requests were accepted`);
  });

  test("the JSON writer merges the parts of a message, and takes the last of a scalar and of a oneof", () => {
    const body = (...values: Uint8Array[]) => values.map((value) => lengthDelimited(5, value));
    const text = lengthDelimited(1, Buffer.from("text"));
    const list = (...items: Uint8Array[]) =>
      lengthDelimited(5, Buffer.concat(items.map((item) => lengthDelimited(1, item))));
    const integer = varintField(3, 7);
    for (const values of [
      [text, list(integer), list(text)],
      [list(text), text, list(integer), list(integer, text)],
      [list(text), integer],
      [integer, Buffer.concat([list(text), list(integer)])],
      [list(list(text)), list(list(integer), list(text))],
    ]) {
      const record = Buffer.concat([varintField(2, 5), ...body(...values), varintField(2, 9)]);
      const parts = [lengthDelimited(2, lengthDelimited(2, record))];
      const request = Buffer.concat(parts.map((part) => lengthDelimited(1, part)));
      assert.equal(writeJsonRequest("logs", request), jsonByObjects("logs", request));
    }
  });

  test("the JSON writer writes in pieces of any size the same text", () => {
    for (const signal of signals) {
      const bytes = encode(
        signal,
        requestOf(signal, 12, { resource: { padding: 'x"é€😀\u0001'.repeat(9_000) } }),
      );
      const whole = jsonByObjects(signal, bytes);
      for (const capacity of [1, 100, 4_096]) assert.equal(inPieces(signal, bytes, capacity).text, whole);
    }
  });

  test("the JSON writer cuts long text that is not UTF-8 only where it decodes as the whole does", () => {
    for (const pattern of [
      [0xf0, 0x9f, 0x98, 0x80],
      [0xe2, 0x82],
      [0x80],
      [0xf0, 0x9f, 0x98],
      [0xff, 0xc3, 0xa9],
    ]) {
      for (let shift = 0; shift < 4; shift++) {
        const name = Buffer.concat([Buffer.alloc(shift, "a"), Buffer.alloc(200_000, Buffer.from(pattern))]);
        const span = Buffer.concat([lengthDelimited(5, name)]);
        const request = lengthDelimited(1, lengthDelimited(2, lengthDelimited(2, span)));
        assert.equal(writeJsonRequest("traces", request), jsonByObjects("traces", request));
      }
    }
  });

  test("the JSON writer writes a request of millions of fields in many steps of bounded text", () => {
    const many = (field: Uint8Array) => Buffer.concat(Array.from({ length: 500_000 }, () => field));
    const emptyAttributes = lengthDelimited(1, lengthDelimited(1, many(Uint8Array.of(0x0a, 0))));
    const unknownFields = many(Uint8Array.of(0x78, 1));
    const emptyResources = many(Uint8Array.of(0x0a, 0));
    const controls = lengthDelimited(1, lengthDelimited(3, Buffer.alloc(1_000_000, 1)));
    for (const request of [emptyAttributes, unknownFields, emptyResources, controls]) {
      const { text, steps, longest } = inPieces("traces", request, 65_536);
      assert.equal(text, jsonByObjects("traces", request));
      assert.ok(steps > 20, `${steps} steps`);
      assert.ok(longest < 500_000, `${longest} bytes in one step`);
    }
  });
});

function inPieces(signal: Signal, bytes: Uint8Array, capacity: number) {
  const written = writeJsonInPieces(signal, bytes, new JsonWriter(), new TextBuffer(capacity));
  const pieces = Array.from(written, (piece) => Buffer.from(piece));
  const longest = Math.max(...pieces.map(({ byteLength }) => byteLength));
  return { text: Buffer.concat(pieces).toString(), steps: pieces.length, longest };
}
