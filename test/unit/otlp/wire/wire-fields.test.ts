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
