import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ProfileDictionary } from "../../../../../src/otlp/decode/profile-dictionary.ts";
import { FunctionTable } from "../../../../../src/use-cases/read/profiles/function-table.ts";
import { createRandom } from "../../../../support/random.ts";

type Expected = Record<string, { self: bigint; total: bigint }>;

describe("the functions of a profile", () => {
  test("each function has the values of the stacks that end with it, and of those that have it, once each", () => {
    const { below } = createRandom(7);
    const dictionary = new ProfileDictionary(new Uint8Array());
    const table = new FunctionTable();
    const expected: Expected = {};
    for (let stack = 0; stack < 2_000; stack++) {
      const names = Array.from({ length: 1 + below(12) }, () => `f${below(20)}`);
      const file = (name: string) => (name === "f0" && below(2) === 0 ? "other.go" : "main.go");
      const frames = names.map((name) => dictionary.frame(name, file(name)));
      // Also such as cannot be added up exactly as numbers.
      const value =
        BigInt(below(2 ** 31)) * (below(4) === 0 ? 2n ** 31n + 1n : 1n) * (below(3) === 0 ? -1n : 1n);
      assert.equal(table.add(frames, value), names.toReversed().join(";"));
      const keys = frames.map((frame) => `${frame.name} ${frame.file}`);
      for (const key of new Set(keys)) {
        expected[key] ??= { self: 0n, total: 0n };
        expected[key].total += value;
      }
      expected[keys[0]!]!.self += value;
    }
    const all = table.all().map(({ name, file, self, total }) => [`${name} ${file}`, { self, total }]);
    assert.deepEqual(Object.fromEntries(all), expected);
  });

  test("semicolons and line ends in names are not told in folded stacks", () => {
    const dictionary = new ProfileDictionary(new Uint8Array());
    const frames = ["a;b", "c\r\nd"].map((name) => dictionary.frame(name));
    assert.equal(new FunctionTable().add(frames, 1n), "c d;a:b");
  });
});
