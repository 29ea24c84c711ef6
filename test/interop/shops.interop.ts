import { before, describe, test } from "node:test";
import { main } from "../support/cli.ts";
import { languages } from "../support/shops/languages.ts";
import { type Prepared, prepare, runIn } from "../support/shops/prepare.ts";

// The shops of `examples/`: each in its language, with its SDK, tested by its own tests.

for (const language of languages) {
  describe(`the shop in ${language.name}:`, () => {
    let prepared: Prepared;
    before(
      async () => {
        prepared = await prepare(language);
      },
      { timeout: 900_000 },
    );

    for (const command of language.tests) {
      test(`the shop in ${language.name} passes its own tests: ${command.join(" ")}`, async (t) => {
        if ("missing" in prepared) return t.skip(prepared.missing);
        const withReceiver = [process.execPath, main, "run", "--", ...command] as const;
        await runIn(prepared.folder, language.testsHaveReceiver === true ? command : withReceiver);
      });
    }
  });
}
