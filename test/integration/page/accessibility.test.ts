import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { BrowserContextOptions } from "playwright-core";
import { failedTrace, inBrowser, rows, sendOrders, sendSpans } from "../../support/browser/page.ts";
import { sendOtlpJson } from "../../support/send-otlp-json.ts";
import { sendProfiles } from "../../support/two-profiles.ts";

const { open, skip } = inBrowser();

/** What axe-core finds wrong. */
interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

const ways: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  "390 px wide": { viewport: { width: 390, height: 800 } },
  // As a window of 1440 by 900 has it.
  "zoomed to 200 %": { viewport: { width: 720, height: 450 } },
  "with forced colours": { forcedColors: "active" },
};

for (const [way, options] of Object.entries(ways)) {
  test(`axe finds nothing wrong with any view, ${way}`, { skip }, async (t) => {
    const { server, page, faults, go } = await open(
      t,
      { FAULT_INJECTION: "true" },
      { ...options, reducedMotion: "reduce" },
    );
    const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core")), "utf8");
    const check = async (view: string) => {
      // Into the page's world by the debugger, which its policy of scripts does not bind.
      await page.evaluate(axe);
      const found = (await page.evaluate("axe.run().then(({ violations }) => violations)")) as Violation[];
      const told = found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
      assert.deepEqual(told, [], view);
    };
    await go("");
    await page.getByRole("heading", { name: "Waiting for the first span" }).waitFor();
    await check("first minute");
    await sendOrders(server);
    await rows(page).nth(2).waitFor();
    await page.keyboard.press("j");
    await check("traces");
    await page.keyboard.press("/");
    await page.keyboard.type("cart.id: ");
    await page.getByRole("option", { name: "cart.id: c3" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await check("the completion of a filter");
    await page.keyboard.press("Enter");
    await page.keyboard.type('where: nam == "x"');
    await page.keyboard.press("Enter");
    await page.getByText('there is no "nam"').waitFor();
    await check("a filter with a fault");
    await page
      .locator("input[type=file]")
      .setInputFiles([{ name: "picture", mimeType: "", buffer: Buffer.from("hello") }]);
    await page.getByText("it is neither JSON nor protobuf").waitFor();
    await check("files");
    await go(`#/trace/${await failedTrace(server)}`);
    await page.getByRole("treegrid").waitFor();
    await page.keyboard.press("e");
    await page.getByRole("complementary").waitFor();
    await check("trace");
    await go("#/logs");
    await rows(page).nth(2).waitFor();
    await page.keyboard.press("j");
    await check("logs");
    for (const view of ["services", "metrics", "status"]) {
      await go(`#/${view}`);
      await page.getByRole("table").first().waitFor();
      await check(view);
    }
    await go("#/services?show=graph");
    await page.getByText("1 service, 0 pairs of caller and callee").waitFor();
    await check("graph of services");
    await go("#/metrics?name.0=shop.orders");
    await page.getByRole("article", { name: "shop.orders" }).getByRole("table").waitFor();
    await check("a chart");
    await go("#/metrics?name.0=shop.order.amount&fn.0=buckets");
    await page.getByRole("figure", { name: /its distribution over time/ }).waitFor();
    await page.getByText("counts by time and bucket").click();
    await page.getByRole("region", { name: "Counts by time and bucket" }).waitFor();
    await check("a heat map");
    await go("#/status");
    await page.getByText("Faults on purpose").click();
    await page.getByText("Exports are served as ever.").waitFor();
    await check("faults on purpose");
    await sendProfiles(server);
    await go("#/profiles");
    await page
      .getByRole("link", { name: /\d\d:\d\d:/ })
      .first()
      .waitFor();
    await check("profiles");
    await page
      .getByRole("link", { name: /\d\d:\d\d:/ })
      .first()
      .click();
    await page.getByRole("figure").waitFor();
    await check("a profile");
    const stringValue =
      "| item | price |\n|---|--:|\n| shoe | 12 |\n\n- [ ] pay\n\n```\nnpm test\n```\n\n> # said";
    const ids = { traceId: "5b8efff798038103d269b633813fc60d", spanId: "0102030405060708" };
    const span = { ...ids, name: "ask", attributes: [{ key: "answer", value: { stringValue } }] };
    await sendSpans(server, [{ ...span, startTimeUnixNano: "1795000000000000000" }]);
    const logRecords = [{ ...ids, timeUnixNano: "1795000000000000000", body: { stringValue } }];
    await sendOtlpJson(server, "logs", { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
    await go(`#/trace/${ids.traceId}?span=${ids.spanId}`);
    await page.getByText("npm test").nth(1).waitFor();
    await check("Markdown in a span and its log record");
    await page.keyboard.press("j");
    await page.getByRole("complementary", { name: "Log record" }).getByText("npm test").waitFor();
    await check("Markdown in a log record");
    // The browser itself tells of each filter that was refused.
    assert.deepEqual(
      faults.filter((fault) => !/status of 400/.test(fault)),
      [],
    );
  });
}
