import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { inBrowser, rows, sendOrders, sendSpans } from "../../support/browser/page.ts";
import { query } from "../../support/obsvty.ts";
import { sendOtlpJson } from "../../support/send-otlp-json.ts";

const { open, skip } = inBrowser();

/** @returns the JSON that is saved */
async function download(page: Page, name: string) {
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "download" }).click();
  const saved = await saving;
  assert.equal(saved.suggestedFilename(), name);
  return JSON.parse(readFileSync(await saved.path(), "utf8"));
}

test("the log records that a list shows are saved as OTLP/JSON that the server takes as it was", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t, { API_TOKEN: "secret" });
  const kept = {
    timeUnixNano: "1795428000123456789",
    severityNumber: 17,
    body: { kvlistValue: { values: [{ key: "traceId", value: { intValue: "9007199254740993" } }] } },
    attributes: [{ key: "raw", value: { bytesValue: "AAECAw==" } }],
    traceId: "5b8efff798038103d269b633813fc60c",
    spanId: "eee19b7ec3c1b174",
  };
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
  const logRecords = [kept, { ...kept, severityNumber: 9 }];
  await sendOtlpJson(server, "logs", { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] });
  await go("#token=secret");
  await page.getByRole("heading", { name: "Waiting for the first span" }).waitFor();
  await go("#/logs?severity=error");
  await rows(page).first().waitFor();
  const file = await download(page, "logs.json");
  await page.getByText("saved 1 log record", { exact: true }).waitFor();
  assert.deepEqual(file.resourceLogs[0].resource, resource);
  assert.deepEqual(file.resourceLogs[0].scopeLogs[0].logRecords, [kept]);
  await sendOtlpJson(server, "logs", file);
  assert.deepEqual(
    faults.filter((fault) => !/status of 401/.test(fault)),
    [],
  );
});

test("all spans of the traces that a list shows are saved", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  await go("#/traces?status=error");
  await rows(page).first().waitFor();
  const file = await download(page, "traces.json");
  await page.getByText("saved 1 trace", { exact: true }).waitFor();
  const { traces } = await query(server, "SearchTraces", { filter: { statusCode: "STATUS_CODE_ERROR" } });
  const spans = file.resourceSpans.flatMap(({ scopeSpans }: { scopeSpans: { spans: object[] }[] }) =>
    scopeSpans.flatMap((scope) => scope.spans),
  );
  assert.equal(spans.length, traces[0].spanCount);
  assert.ok(spans.every(({ traceId }: { traceId: string }) => traceId === traces[0].traceId));
  await sendOtlpJson(server, "traces", file);
  assert.deepEqual(faults, []);
});

test("a file of more traces than it takes says so, and so does one of which some are gone", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t, { MAX_BUFFER_SIZE: "250" });
  const traces = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      traceId: `${from + index}`.padStart(32, "0"),
      spanId: "1".repeat(16),
      name: "GET /cart",
      startTimeUnixNano: "1795428000000000000",
      endTimeUnixNano: "1795428000000000001",
    }));
  await sendSpans(server, traces(1, 250));
  await go("#/traces");
  await page.getByText("250 traces").waitFor();
  const file = await download(page, "traces.json");
  assert.equal(file.resourceSpans.length, 200);
  await page.getByText("saved the first 200 of 250 traces; a file takes 200").waitFor();

  await go("#/traces?tz=utc");
  await page.getByRole("button", { name: "pause" }).click();
  // They push the others out.
  await sendSpans(server, traces(1_001, 250));
  await download(page, "traces.json");
  await page.getByText(/^saved the first 0 of 250 traces; .*200 traces went to make room/).waitFor();
  assert.deepEqual(
    faults.filter((fault) => !/status of 404/.test(fault)),
    [],
  );
});
