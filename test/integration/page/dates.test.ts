import assert from "node:assert/strict";
import { test } from "node:test";
import { inBrowser, rows, sendSpans } from "../../support/browser/page.ts";
import { sendOtlpJson } from "../../support/send-otlp-json.ts";

const { open, skip } = inBrowser();

test("lists show the dates of times as soon as one is not of today, in the zone that is shown", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await page.clock.setFixedTime("2026-11-28T12:00:00Z");
  const send = async (at: number, time: string) => {
    const nanos = String(BigInt(Date.parse(time)) * 1_000_000n);
    const traceId = `${at}`.padStart(32, "a");
    await sendSpans(server, [
      {
        traceId,
        spanId: `${at}`.padStart(16, "b"),
        name: "call",
        startTimeUnixNano: nanos,
        endTimeUnixNano: nanos,
      },
    ]);
    const logRecords = [{ timeUnixNano: nanos, body: { stringValue: "called" } }];
    await sendOtlpJson(server, "logs", { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
  };
  // India is 5:30 ahead of UTC.
  const isShown = (text: string) => rows(page).locator(".time").getByText(text, { exact: true }).waitFor();
  await send(1, "2026-11-28T10:00:00.5Z");
  for (const view of ["traces", "logs"]) {
    await go(`#/${view}`);
    await isShown("15:30:00.500");
  }
  await send(2, "2026-11-27T20:00:00.25Z");
  await isShown("01:30:00.250");
  await page.getByRole("button", { name: "local time" }).click();
  await isShown("27 Nov 20:00:00.250");
  await isShown("28 Nov 10:00:00.500");
  await send(3, "2025-12-31T20:00:00Z");
  for (const view of ["traces", "logs"]) {
    await go(`#/${view}?tz=utc`);
    await isShown("31 Dec 2025 20:00:00.000");
    await isShown("28 Nov 2026 10:00:00.500");
  }
  const cut =
    "[...document.querySelectorAll('.time')].filter((cell) => cell.scrollWidth > cell.clientWidth).length";
  for (const width of [1_024, 1_440]) {
    await page.setViewportSize({ width, height: 800 });
    assert.equal(await page.evaluate(cut), 0, `${width}`);
  }
  await go("#/traces?tz=utc&since=2026-11-27T10:00:00Z");
  await page
    .getByRole("button", { name: /^change since/ })
    .getByText("27 Nov 10:00:00.000")
    .waitFor();
  assert.deepEqual(faults, []);
});
