import assert from "node:assert/strict";
import { test } from "node:test";
import { signals } from "../../../../src/domain/signal.ts";
import { requestSchemas } from "../../../../src/otlp/services.ts";
import { wireFaultAt } from "../../../../src/otlp/wire/wire-fault.ts";
import { encode, requestOf } from "../../../contract/store-requests.ts";

for (const signal of signals) {
  const schema = requestSchemas[signal];

  test(`a whole request has no fault on the wire: ${signal}`, () => {
    assert.equal(wireFaultAt(schema, encode(signal, requestOf(signal, 5))), undefined);
    assert.equal(wireFaultAt(schema, new Uint8Array()), undefined);
  });

  test(`a request that ends early has a fault on the wire, where its last field begins: ${signal}`, () => {
    const bytes = encode(signal, requestOf(signal, 1));
    assert.equal(wireFaultAt(schema, bytes.subarray(0, 1)), 0);
    for (let end = 1; end < bytes.byteLength; end++) {
      const at = wireFaultAt(schema, bytes.subarray(0, end));
      assert.ok(at === undefined || at < end, `${at} of ${end}`);
    }
  });
}

test("a fault on the wire is found in the message where it is", () => {
  // A resource container of 4 bytes, with a scope container of 2 that begins a field of 9.
  assert.equal(wireFaultAt(requestSchemas.traces, Buffer.from([0x0a, 4, 0x12, 2, 0x12, 9])), 4);
  // A field without a number, a group, and a number that does not end.
  for (const bytes of [[0x00, 1], [0x0b], [0x08, 0xff]]) {
    assert.equal(wireFaultAt(requestSchemas.traces, Buffer.from(bytes)), 0);
  }
});
