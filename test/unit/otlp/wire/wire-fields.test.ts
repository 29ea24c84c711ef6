import assert from "node:assert/strict";
import { test } from "node:test";
import { WireFields } from "../../../../src/otlp/wire/wire-fields.ts";
import { fixed64, lengthDelimited, varintField } from "../../../support/wire.ts";

function fieldsOf(bytes: Uint8Array): [number: number, tagAt: number, valueAt: number, end: number][] {
  const fields: [number, number, number, number][] = [];
  for (const field = new WireFields(bytes); field.next(); ) {
    fields.push([field.number, field.tagAt, field.valueAt, field.end]);
  }
  return fields;
}

test("a walk over an encoded message finds fields of every wire type and of large numbers and lengths", () => {
  const fixed32 = Uint8Array.of(0x0d, 1, 2, 3, 4);
  const bytes = Buffer.concat([
    varintField(1, 2n ** 64n - 1n),
    fixed64(2, 1n),
    lengthDelimited(536_870_911, Buffer.alloc(300)),
    fixed32,
    lengthDelimited(3),
  ]);
  assert.deepEqual(fieldsOf(bytes), [
    [1, 0, 1, 11],
    [2, 11, 12, 20],
    [536_870_911, 20, 27, 327],
    [1, 327, 328, 332],
    [3, 332, 334, 334],
  ]);
});

test("a walk over an encoded message that is cut short ends with the field that is not whole", () => {
  assert.deepEqual(fieldsOf(Uint8Array.of(0x0a, 0x80)), [[1, 0, 1, Number.POSITIVE_INFINITY]]);
  assert.deepEqual(fieldsOf(Uint8Array.of(0x0a, 5, 1)), [[1, 0, 2, 7]]);
  assert.deepEqual(fieldsOf(Uint8Array.of(0x80)), []);
});

test("a short field is the same field when its tag or its length is written in more bytes than it needs", () => {
  const short = Uint8Array.of(0x7a, 2, 1, 1, 0x08, 7);
  const padded = Uint8Array.of(0xfa, 0x00, 0x82, 0x00, 1, 1, 0x08, 7);
  assert.deepEqual(fieldsOf(short), [
    [15, 0, 2, 4],
    [1, 4, 5, 6],
  ]);
  assert.deepEqual(fieldsOf(padded), [
    [15, 0, 4, 6],
    [1, 6, 7, 8],
  ]);
});

test("a walk over a part of a message takes no byte behind that part", () => {
  const field = new WireFields(Uint8Array.of(0x0a, 1, 9, 0x0a, 1, 9), 0, 4);
  assert.equal(field.next(), true);
  assert.deepEqual([field.valueAt, field.end], [2, 3]);
  assert.equal(field.next(), true);
  assert.equal(field.end, Number.POSITIVE_INFINITY);
});
