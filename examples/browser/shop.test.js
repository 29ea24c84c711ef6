import { expect as baseExpect, test } from "@playwright/test";
import { context } from "esbuild";
import { matchers, startReceiver } from "obsvty/testing";

const expect = baseExpect.extend(matchers);

/** Bundles the page and serves it on a free port. */
async function servePage() {
  const bundle = await context({ entryPoints: ["page.js"], bundle: true, format: "esm", outdir: "public" });
  const { port } = await bundle.serve({ servedir: "public", host: "127.0.0.1" });
  return { origin: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => bundle.dispose() };
}

test("a card that is declined fails the order", async ({ page }) => {
  await using shop = await servePage();
  await using receiver = await startReceiver({ settings: { CORS_ORIGINS: shop.origin } });
  await page.goto(`${shop.origin}/?endpoint=${receiver.endpoint}`);
  await page.getByText("Buy a tea house").click();
  await expect(receiver).toHaveSpan({ name: "charge card", statusCode: "error" });

  const trace = await receiver.waitForTrace({ name: "click checkout" });
  expect(trace).toBeTraceShaped({ name: "click checkout", children: [{ name: "charge card" }] });
  await expect(receiver).toHaveLog({ minSeverity: "error", traceId: trace.traceId });
  await expect(receiver).toHaveMetric({ name: "shop.orders", value: 1, attributes: { outcome: "declined" } });
});
