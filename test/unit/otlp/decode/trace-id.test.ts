import assert from "node:assert/strict";
import { test } from "node:test";
import { traceIdOf } from "../../../../src/otlp/decode/trace-id.ts";
import { lengthDelimited } from "../../../support/wire.ts";

const idOf = (byte: number, length = 16) => new Uint8Array(length).fill(byte);
const hexOf = (id: Uint8Array) => Buffer.from(id).toString("hex");

test("the trace ids of spans in any order are told apart, also when one memory is used again for the next span", () => {
  const almost = idOf(1).with(15, 2);
  const memory = new Uint8Array(100);
  for (const id of [idOf(1), idOf(1), almost, idOf(1), idOf(2), idOf(2), almost]) {
    const span = Buffer.concat([lengthDelimited(5, Buffer.from("name")), lengthDelimited(1, id)]);
    memory.set(span, 7);
    assert.equal(traceIdOf(memory.subarray(7, 7 + span.byteLength)), hexOf(id));
  }
});

test("a trace id that is not set, all zero or of a wrong length is what `hexId` says, and of two the last counts", () => {
  const of = (...ids: Uint8Array[]) => traceIdOf(Buffer.concat(ids.map((id) => lengthDelimited(1, id))));
  assert.equal(of(idOf(3)), hexOf(idOf(3)));
  assert.equal(of(), "");
  assert.equal(of(idOf(0)), "");
  assert.equal(of(idOf(3, 4)), "03030303");
  assert.equal(of(idOf(3), idOf(4)), hexOf(idOf(4)));
  assert.equal(of(idOf(4), idOf(0)), "");
});
