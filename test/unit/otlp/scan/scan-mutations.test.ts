import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { signals } from "../../../../src/domain/signal.ts";
import { requestSchemas } from "../../../../src/otlp/services.ts";
import { mutate } from "../../../support/mutate.ts";
import { createRandom } from "../../../support/random.ts";
import { createScanOracle } from "../../../support/scan-oracle.ts";
import { seedRequests } from "../../../support/scan-seeds.ts";

// The same as test/fuzz/scan.fuzz.ts, which goes on for longer and with other seeds each time.
const mutations = 300;

describe("the scanner agrees with Protobuf-ES, but for its stricter rules, on", () => {
  for (const signal of signals) {
    test(`${mutations} damaged requests of ${signal}`, () => {
      const check = createScanOracle();
      const seen = new Set<string>();
      for (let seed = 1; seed <= mutations; seed++) {
        const bytes = mutate(requestSchemas[signal], seedRequests[signal], createRandom(seed));
        try {
          seen.add(check(signal, bytes));
        } catch (cause) {
          const base64 = Buffer.from(bytes).toString("base64");
          throw new Error(`seed ${seed}, ${base64}`, { cause });
        }
      }
      // The damage is neither all too much nor all too little.
      assert.deepEqual([...seen].sort(), ["kept", "refused by a stricter rule", "refused by both"]);
    });
  }
});
