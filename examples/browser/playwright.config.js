import { defineConfig } from "@playwright/test";

// CHROMIUM names an installed browser, in place of the one that `npx playwright install chromium` fetches.
const executablePath = process.env.CHROMIUM;

// biome-ignore lint/style/noDefaultExport: Playwright wants it so
export default defineConfig({
  testMatch: "*.test.js",
  use: { launchOptions: { executablePath, args: ["--no-sandbox", "--disable-background-networking"] } },
});
