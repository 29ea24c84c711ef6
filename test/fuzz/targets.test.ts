import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkInput, checkSeed, corpusOf, openTarget, targetNames } from "./support/target-files.ts";

// The same as `npm run test:fuzz`, which goes on for longer and with other seeds each time.
const seeds = 300;

for (const name of targetNames) {
  describe(`the fuzz target ${name}`, () => {
    for (const { file, input } of corpusOf(name)) {
      test(`the fuzz target ${name} holds for ${file}, which failed once`, async () => {
        const target = await openTarget(name);
        try {
          assert.ok(await checkInput(target, input));
        } finally {
          await target.close?.();
        }
      });
    }

    test(`the fuzz target ${name} holds for ${seeds} inputs, which lead to all that can come of them`, async () => {
      const target = await openTarget(name);
      const seen = new Set<string>();
      try {
        for (let seed = 1; seed <= seeds; seed++) {
          try {
            seen.add(await checkSeed(target, seed));
          } catch (cause) {
            throw new Error(`seed ${seed}`, { cause });
          }
        }
      } finally {
        await target.close?.();
      }
      assert.deepEqual(
        [...new Set(target.verdicts)].filter((verdict) => !seen.has(verdict)),
        [],
      );
    });
  });
}
