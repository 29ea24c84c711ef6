import assert from "node:assert/strict";
import { test } from "node:test";
import { noteServerDate, serverNowMs } from "../../../../src/web/api/server-clock.ts";

test("the time by the server's clock is told where that of the browser is far from it", () => {
  const noon = Date.UTC(2026, 10, 28, 12);
  const date = new Date(noon).toUTCString();
  assert.equal(serverNowMs(noon), noon);
  noteServerDate(date, noon + 3_000);
  assert.equal(serverNowMs(noon + 3_000), noon + 3_000);
  const threeDays = 3 * 86_400_000;
  noteServerDate(date, noon + threeDays);
  assert.equal(serverNowMs(noon + threeDays + 5), noon + 5);
  for (const none of [null, "", "soon"]) noteServerDate(none, noon);
  assert.equal(serverNowMs(noon + threeDays), noon);
  noteServerDate(date, noon);
  assert.equal(serverNowMs(noon), noon);
});
