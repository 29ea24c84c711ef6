import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeProfile, samplesOf } from "../../../../src/otlp/decode/profile.ts";
import { ProfileDictionary } from "../../../../src/otlp/decode/profile-dictionary.ts";
import { calibration, inOneStep, longestStep } from "../../../support/step-times.ts";
import { lengthDelimited } from "../../../support/wire.ts";

const bytesOfRequest = 4 * 2 ** 20;
const noBytes = new Uint8Array();

/** As many of these fields as a request of the default size can have. */
function many(...field: readonly number[]): Uint8Array {
  const bytes = Buffer.from(field);
  return Buffer.alloc(bytesOfRequest - (bytesOfRequest % bytes.byteLength), bytes);
}

const encoded = (item: Uint8Array) => ({
  ordinal: 0,
  item,
  resource: noBytes,
  resourceSchemaUrl: "",
  scope: noBytes,
  scopeSchemaUrl: "",
});

describe("each step of reading a profile is short", () => {
  for (const [what, item] of [
    ["empty samples", many(0x12, 0)],
    ["samples whose lengths are padded", many(0x12, 0x80, 0)],
    ["durations", many(0x20, 0)],
    ["durations of ten bytes", many(0x20, ...Array(9).fill(0xff), 1)],
    ["types of what is sampled", many(0x0a, 0)],
    ["attributes", many(0x58, 0)],
    ["fields in the type of what is sampled", lengthDelimited(1, many(0x08, 0))],
  ] as const) {
    test(`each step of decoding a profile of 4 MiB of ${what} is short`, () => {
      const took = longestStep(() => decodeProfile(encoded(item), new ProfileDictionary(noBytes)));
      assert.ok(took < 0.5 * calibration(), `${took} ms`);
    });
  }

  test("each step of reading the samples of a profile of 4 MiB that has none is short", () => {
    const item = many(0x20, 0);
    const took = longestStep(() => samplesOf(item));
    assert.ok(took < 0.5 * calibration(), `${took} ms`);
  });

  for (const [what, fields] of [
    ["values", many(0x20, 0)],
    ["values in lists", many(0x22, 1, 0)],
    ["empty lists of values", many(0x22, 0)],
    ["times", many(0x28, 0)],
  ] as const) {
    test(`reading a sample of 4 MiB of ${what} is short`, () => {
      const item = lengthDelimited(2, fields);
      const took = longestStep(() => inOneStep(() => [...samplesOf(item)]));
      assert.ok(took < calibration(), `${took} ms`);
    });
  }

  for (const [what, request] of [
    ["empty dictionaries", many(0x12, 0)],
    ["dictionaries of one string", many(0x12, 2, 0x2a, 0)],
    ["fields that OTLP does not define", many(0x18, 0)],
    ["strings in one dictionary", lengthDelimited(2, many(0x2a, 0))],
  ] as const) {
    test(`each step of reading the dictionary of a request of 4 MiB of ${what} is short`, () => {
      const took = longestStep(() => ProfileDictionary.of(request));
      assert.ok(took < calibration(), `${took} ms`);
    });
  }

  for (const [what, entry] of [
    ["a stack of 4 MiB", lengthDelimited(7, many(0x10, 0))],
    ["an attribute with a million values", lengthDelimited(6, many(0x12, 2, 0x18, 0))],
  ] as const) {
    test(`reading ${what} is short`, () => {
      const took = longestStep(() => {
        const dictionary = new ProfileDictionary(entry);
        return inOneStep(() => [dictionary.stack(0), dictionary.attribute(0)]);
      });
      assert.ok(took < calibration(), `${took} ms`);
    });
  }
});

test("a profile that is decoded in many steps is the same as in one", () => {
  const samples = 100_000;
  const item = Buffer.concat([
    Buffer.alloc(2 * samples, Buffer.from([0x12, 0])),
    lengthDelimited(7, Buffer.alloc(16, 0xab)),
    Buffer.from([0x20, 5]),
  ]);
  const steps = decodeProfile(encoded(item), new ProfileDictionary(noBytes));
  let step = steps.next();
  let count = 1;
  for (; step.done !== true; step = steps.next()) count += 1;
  const { profileId, durationNano } = step.value;
  assert.deepEqual([step.value.samples, profileId, durationNano], [samples, "ab".repeat(16), 5n]);
  assert.ok(count > 3, `${count} steps`);
});
