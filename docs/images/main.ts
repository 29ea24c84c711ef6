import { chromium } from "playwright-core";
import { startReceiver } from "../../src/testing/testing.ts";
import { browser as executable } from "../../test/support/browser/find-browser.ts";
import { sendOtlpJson } from "../../test/support/send-otlp-json.ts";
import { shopTelemetry } from "./shop-telemetry.ts";

/*
 * Takes the pictures of the page for README and docs/page.md, of a server of its own with the telemetry of a shop. Run by
 * `npm run docs:images`, after `npm run build:page`. It needs Chromium.
 */

const charts = [
  "name.0=http.server.requests&by.0=http.route",
  "name.1=http.server.request.duration&by.1=http.route&fn.1=p95",
].join("&");

if (executable === undefined) throw new Error("no Chromium on the PATH");
await using receiver = await startReceiver();
for (const { signal, request } of shopTelemetry(Date.now(), 160)) {
  await sendOtlpJson({ url: receiver.endpoint }, signal, request);
}
const [failed] = await receiver.waitForSpans({ statusCode: "error", name: "charge card" });
const pictures = [
  { name: "traces", hash: "#/traces", scheme: "light", shown: ".row.item" },
  { name: "trace", hash: `#/trace/${failed?.traceId}`, scheme: "light", shown: ".row.item" },
  { name: "logs", hash: "#/logs", scheme: "dark", shown: ".histogram rect" },
  { name: "metrics", hash: `#/metrics?${charts}`, scheme: "dark", shown: ".chart-card + .chart-card canvas" },
  { name: "services", hash: "#/services?show=graph", scheme: "light", shown: "svg a" },
] as const;
const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox"] });
for (const { name, hash, scheme, shown } of pictures) {
  const context = await browser.newContext({
    viewport: { width: 1_200, height: 640 },
    colorScheme: scheme,
    timezoneId: "UTC",
  });
  const page = await context.newPage();
  await page.goto(`${receiver.endpoint}/${hash}`);
  await page.locator(shown).first().waitFor();
  if (name === "trace") {
    await page.keyboard.press("e");
    await page.getByRole("complementary").waitFor();
  }
  // What is drawn on a canvas comes with the next frame.
  await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
  await page.screenshot({ path: new URL(`${name}.png`, import.meta.url).pathname });
  await context.close();
}
await browser.close();
