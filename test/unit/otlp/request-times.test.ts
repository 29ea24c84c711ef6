import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { signals } from "../../../src/domain/signal.ts";
import { writeJsonRequest } from "../../../src/otlp/json/write-request.ts";
import { shiftTimes, timesOf } from "../../../src/otlp/request-times.ts";
import { requestSchemas } from "../../../src/otlp/services.ts";
import { encode, requestOf, spansWith } from "../../contract/store-requests.ts";
import { anyMessage } from "../../support/random-message.ts";

/** Every field whose name says that it is a time. */
const timeFields = /("(?:\w+T|t)ime(?:stamps)?UnixNano":)("\d+"|\[[^\]]*\])/g;
const greatest = 2n ** 64n - 1n;

function movedInJson(json: string, nanos: bigint): string {
  return json.replace(timeFields, (_, name: string, value: string) => {
    const moved = value.replace(/\d+/g, (digits) => {
      const time = BigInt(digits);
      if (time === 0n) return digits;
      const sum = time + nanos;
      return String(sum < 1n ? 1n : sum > greatest ? greatest : sum);
    });
    return name + moved;
  });
}

describe("the times of an encoded request", () => {
  for (const signal of signals) {
    test(`all times of ${signal} are moved where they stand, and nothing else`, () => {
      const schema: DescMessage = requestSchemas[signal];
      fc.assert(
        fc.property(
          anyMessage(schema),
          fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }),
          (message, nanos) => {
            const bytes = toBinary(schema, message);
            const json = writeJsonRequest(signal, bytes);
            shiftTimes(signal, bytes, nanos);
            assert.equal(writeJsonRequest(signal, bytes), movedInJson(json, nanos));
            assert.deepEqual(toBinary(schema, fromBinary(schema, bytes)), bytes);
          },
        ),
        { numRuns: 60 },
      );
    });

    test(`the first and the last time of ${signal} are found`, () => {
      const bytes = encode(signal, requestOf(signal, 20));
      const times = [...writeJsonRequest(signal, bytes).matchAll(timeFields)]
        .flatMap(([, , value = ""]) => value.match(/\d+/g) ?? [])
        .map(BigInt)
        .sort((a, b) => (a < b ? -1 : 1));
      assert.deepEqual(timesOf(signal, bytes), { first: times[0], last: times.at(-1) });
    });
  }

  test("a request without times has none", () => {
    const request = spansWith({ startTimeUnixNano: 0n, endTimeUnixNano: 0n, events: [] });
    assert.equal(timesOf("traces", encode("traces", request)), undefined);
  });

  test("a time that cannot be is not taken for the first or the last one", () => {
    const day = BigInt(Date.UTC(2020, 0, 1)) * 1_000_000n;
    const odd = { startTimeUnixNano: 5n, endTimeUnixNano: greatest, events: [] };
    const sound = { startTimeUnixNano: day, endTimeUnixNano: day + 1n, events: [] };
    const bytes = encode("traces", spansWith(odd, sound));
    assert.deepEqual(timesOf("traces", bytes), { first: day, last: day + 1n });
  });
});
