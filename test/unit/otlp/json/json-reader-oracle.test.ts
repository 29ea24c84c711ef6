import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { bySignal, type Signal, signals } from "../../../../src/domain/signal.ts";
import { JsonReader } from "../../../../src/otlp/json/json-reader.ts";
import { writeJsonRequest } from "../../../../src/otlp/json/write-request.ts";
import { requestSchemas } from "../../../../src/otlp/services.ts";
import { compareWithOracle } from "../../../support/json-oracle/compare.ts";
import { makeOddJson } from "../../../support/odd-json.ts";
import { createRandom } from "../../../support/random.ts";
import { anyMessage } from "../../../support/random-message.ts";
import { readJson } from "../../../support/read-json.ts";
import { seedRequests } from "../../../support/scan-seeds.ts";

const encodings = ["hex", "hex", "base64"] as const;
const seeds = bySignal((signal) => writeJsonRequest(signal, seedRequests[signal]));

describe("the JSON reader in WebAssembly agrees with the one in JavaScript", () => {
  for (const signal of signals) {
    test(`the JSON reader agrees with JavaScript's on ${signal} with any field set to any value`, () => {
      const schema: DescMessage = requestSchemas[signal];
      fc.assert(
        fc.property(anyMessage(schema), (message) => {
          const json = writeJsonRequest(signal, toBinary(schema, message));
          assert.equal(compareWithOracle(signal, Buffer.from(json)), "read");
        }),
        { numRuns: 100 },
      );
    });
  }

  test("the JSON reader agrees with JavaScript's on requests that are odd, damaged, or written in another way", () => {
    const verdicts = new Set<string>();
    for (let seed = 1; seed <= 1_000; seed++) {
      const random = createRandom(seed);
      const signal = random.pick(signals);
      const json = makeOddJson(seeds[signal], random);
      const options = { ids: random.pick(encodings), isStrict: random.below(3) === 0 };
      try {
        verdicts.add(compareWithOracle(signal, json, options));
      } catch (cause) {
        throw new Error(`seed ${seed}: ${signal}`, { cause });
      }
    }
    assert.deepEqual([...verdicts].sort(), ["not JSON", "read", "read in part", "refused"]);
  });
});

test("JSON read in pieces of any size is the same request", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = createRandom(seed);
    const signal = random.pick(signals);
    const json = makeOddJson(seeds[signal], random);
    const whole = outcomeOf(signal, json);
    for (const pieceBytes of [1, 7, 100, 1 + random.below(2_000)]) {
      assert.deepEqual(outcomeOf(signal, json, pieceBytes), whole, `seed ${seed}, pieces of ${pieceBytes}`);
    }
  }
});

function outcomeOf(signal: Signal, json: Uint8Array, pieceBytes?: number) {
  try {
    return readJson(signal, json, { isStrict: true }, pieceBytes);
  } catch (error) {
    return error;
  }
}

/** A value as the value of an attribute of a resource. */
function attribute(value: string): Uint8Array {
  return Buffer.concat([
    Buffer.from('{"resourceSpans":[{"resource":{"attributes":[{"value":'),
    Buffer.from(value, "latin1"),
    Buffer.from("}]}}]}"),
  ]);
}

function readAttribute(value: string) {
  const { bytes, report } = readJson("traces", attribute(value));
  assert.deepEqual(report.omissions, []);
  const [container] = fromBinary(requestSchemas.traces, bytes).resourceSpans;
  return container?.resource?.attributes[0]?.value?.value;
}

describe("the JSON reader reads a number as the nearest double, as JavaScript does:", () => {
  const assertDouble = (written: string) => {
    for (const value of [written, `"${written}"`]) {
      const read = readAttribute(`{"doubleValue":${value}}`);
      assert.equal(read?.case, "doubleValue");
      assert.ok(Object.is(read.value, Number(written)), `${written} is read as ${read.value}`);
    }
  };

  test("the JSON reader reads any double as JavaScript does", () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(finite, (value) => assertDouble(JSON.stringify(value))),
      { numRuns: 3_000 },
    );
  });

  test("the JSON reader reads any digits with any exponent as JavaScript does", () => {
    const digits = fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n });
    const numbers = fc.tuple(digits, fc.nat(25), fc.integer({ min: -345, max: 320 }));
    fc.assert(
      fc.property(numbers, ([number, dropped, exponent]) => {
        assertDouble(`${number / 10n ** BigInt(dropped)}e${exponent}`);
      }),
      { numRuns: 3_000 },
    );
  });

  test("the JSON reader reads numbers halfway between two doubles, or next to that, as JavaScript does", () => {
    const mantissas = fc.bigInt({ min: 2n ** 53n, max: 2n ** 54n });
    fc.assert(
      fc.property(mantissas, fc.nat(60), fc.integer({ min: -1, max: 1 }), (mantissa, shift, beside) => {
        const halfway = ((2n * mantissa + 1n) << BigInt(shift)) + BigInt(beside);
        assertDouble(`${halfway}`);
        assertDouble(`${halfway}e-5`);
        assertDouble(`0.${halfway}`);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("the JSON reader reads a string as JavaScript does:", () => {
  test("the JSON reader reads any bytes that are no quote, backslash or control character as JavaScript does", () => {
    const bytes = fc
      .uint8Array({ maxLength: 60 })
      .map((array) => array.map((byte) => (plain(byte) ? byte : 0xed)));
    const utf8 = fc.string({ unit: "binary", maxLength: 20 }).map((text) => {
      return Uint8Array.from(Buffer.from(text).map((byte) => (plain(byte) ? byte : 0x61)));
    });
    fc.assert(
      fc.property(fc.oneof(bytes, utf8), (text) => {
        const read = readAttribute(`{"stringValue":"${Buffer.from(text).toString("latin1")}"}`);
        assert.equal(read?.value, new TextDecoder("utf-8", { ignoreBOM: true }).decode(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test("the JSON reader reads any text in escapes as JavaScript does", () => {
    const unit = fc.oneof(fc.nat(0xffff), fc.integer({ min: 0xd800, max: 0xdfff }));
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 20 }), fc.boolean(), (units, isUpper) => {
        const digits = units.map((code) => code.toString(16).padStart(4, "0"));
        const escapes = digits.map((hex) => `\\u${isUpper ? hex.toUpperCase() : hex}`).join("");
        const read = readAttribute(`{"stringValue":"${escapes}"}`);
        assert.equal(read?.value, String.fromCharCode(...units).toWellFormed());
      }),
      { numRuns: 1_000 },
    );
  });
});

function plain(byte: number): boolean {
  return byte >= 0x20 && byte !== 0x22 && byte !== 0x5c;
}

describe("a JSON reader has room for the longest request that its JSON can become:", () => {
  const points = (members: string) =>
    `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{${members}}]}}]}]}]}`;
  for (const [what, json] of [
    ["a list of doubles of one digit", points(`"explicitBounds":[${"0,".repeat(100_000)}0]`)],
    ["a text of invalid UTF-8", `{"resourceMetrics":[{"schemaUrl":"${"\xff".repeat(100_000)}"}]}`],
    ["a long unknown name of invalid UTF-8", `{"${"\xff".repeat(100_000)}":0}`],
    ["a name of invalid UTF-8 with an escape", points(`"\\n${"\xff".repeat(100_000)}":0`)],
    ["a number of many digits with an escape", points(`"count":"\\u0030${"0".repeat(100_000)}"`)],
    ["objects without members", points(`"exemplars":[${"{},".repeat(50_000)}{}]`)],
    ["unknown lists in lists", points(`"x":${"[".repeat(50_000)}${"]".repeat(50_000)}`)],
  ] as const) {
    test(`a JSON reader has room for the longest request that its JSON can become: ${what}`, () => {
      const bytes = Buffer.from(json, "latin1");
      const reader = new JsonReader(bytes.byteLength);
      reader.begin("metrics", [bytes]);
      assert.deepEqual(reader.readAll().bytes, readJson("metrics", bytes).bytes);
    });
  }

  test("a JSON reader throws for a request that is longer than it has room for", () => {
    const reader = new JsonReader(10);
    assert.throws(() => reader.begin("traces", [Buffer.alloc(5), Buffer.alloc(6)]), RangeError);
  });
});
