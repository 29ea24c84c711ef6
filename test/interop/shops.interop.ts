import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { startReceiver } from "../../src/testing/start-receiver.ts";
import { main } from "../support/cli.ts";
import { dialects } from "../support/shops/dialects.ts";
import { type FaultRow, keepRows, keptRows, measureRow } from "../support/shops/fault-rows.ts";
import { languages, servers } from "../support/shops/languages.ts";
import { preparedOnce, runIn } from "../support/shops/prepare.ts";
import { startShop } from "../support/shops/running-shop.ts";
import { expectedOf, heldOf, orders, sorted } from "../support/shops/telemetry.ts";

/*
 * The shops of `examples/`, each in its language, with its SDK: their own tests, every field of what they send, and
 * what they do when their backend fails. A language that is not here is skipped, and the reason is told.
 */

const preparing = { timeout: 900_000 };

for (const language of languages) {
  const { name } = language;
  describe(`the shop in ${name}:`, () => {
    before(() => preparedOnce(language), preparing);

    for (const command of language.tests) {
      test(`the shop in ${name} passes its own tests: ${command.join(" ")}`, async (t) => {
        const shop = await preparedOnce(language);
        if ("missing" in shop) return t.skip(shop.missing);
        const withReceiver = [process.execPath, main, "run", "--", ...command] as const;
        await runIn(shop.folder, language.testsHaveReceiver === true ? command : withReceiver);
      });
    }
  });
}

describe("every field of what a shop sends", { concurrency: 4 }, () => {
  for (const language of servers) {
    for (const protocol of language.server.protocols) {
      for (const encoding of ["identity", "gzip"]) {
        test(`every field comes from ${language.name} by ${protocol} with ${encoding}`, async (t) => {
          const prepared = await preparedOnce(language);
          if ("missing" in prepared) return t.skip(prepared.missing);
          await using receiver = await startReceiver({ protocol });
          const sinceMs = Date.now();
          const shop = await startShop(t, language, prepared.folder, {
            ...receiver.env,
            // One export of metrics, at the end, for which a busy machine may take long.
            OTEL_METRIC_EXPORT_INTERVAL: "600000",
            OTEL_METRIC_EXPORT_TIMEOUT: "30000",
            // Python's exporter over gRPC takes "none" for an error.
            ...(encoding === "gzip" && { OTEL_EXPORTER_OTLP_COMPRESSION: encoding }),
          });
          for (const order of orders) await shop.checkout(order);
          await shop.stop();
          for (const request of receiver.requests()) {
            const { outcome } = request;
            assert.deepEqual([request.protocol, request.encoding, outcome], [protocol, encoding, "accepted"]);
          }
          const dialect = dialects[language.folder] ?? assert.fail();
          assert.deepEqual(sorted(await heldOf(receiver, sinceMs)), sorted(expectedOf(dialect)));
        });
      }
    }
  }
});

describe("what each SDK honours:", () => {
  const measured: FaultRow[] = [];
  const missing: string[] = [];

  describe("an SDK whose backend fails", { concurrency: true }, () => {
    for (const language of servers) {
      for (const protocol of language.server.protocols) {
        test(`${language.name} by ${protocol} does what docs/sdks.md says`, preparing, async (t) => {
          const prepared = await preparedOnce(language);
          if ("missing" in prepared) {
            missing.push(language.name);
            return t.skip(`not run here: ${prepared.missing}`);
          }
          const measure = () => measureRow(t, language, prepared.folder, protocol);
          if (process.env.KEEP_SDKS === "true") {
            measured.push(await measure());
            return;
          }
          const kept = keptRows().find((row) => row.sdk === language.name && row.protocol === protocol);
          // SDKs wait for a random time, with which one of a hundred rows comes out otherwise.
          for (let tries = 1; tries < 3; tries++) if (isDeepStrictEqual(await measure(), kept)) return;
          assert.deepEqual(await measure(), kept);
        });
      }
    }
  });

  test("docs/sdks.md has a row for each SDK and protocol", () => {
    if (process.env.KEEP_SDKS === "true") {
      assert.deepEqual(missing, [], "the table changes only when every language was there");
      keepRows(measured);
    }
    const rows = servers.flatMap(({ name, server }) =>
      server.protocols.map((protocol) => `${name} ${protocol}`),
    );
    assert.deepEqual(
      keptRows().map(({ sdk, protocol }) => `${sdk} ${protocol}`),
      rows,
    );
  });
});
