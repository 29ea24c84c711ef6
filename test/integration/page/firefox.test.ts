import assert from "node:assert/strict";
import { before, test } from "node:test";
import { openFirefox, skipWithoutFirefox as skip } from "../../support/browser/firefox.ts";
import { buildPage, failedTrace, sendOrders } from "../../support/browser/page.ts";
import { startObsvty } from "../../support/obsvty.ts";
import { sendProfiles } from "../../support/two-profiles.ts";

/* What the other tests try in Chromium, here in short in Firefox: that every view is drawn and can be used. */

/* Keys, as WebDriver writes them. */
const enterKey = "\ue007";
const escapeKey = "\ue00c";

before(async () => {
  if (!skip) await buildPage();
});

test("Firefox draws every view, and has nothing to report", { skip }, async (t) => {
  const server = await startObsvty(t, { settings: { OTLP_HTTP_PORT: "0" } });
  const tab = await openFirefox(t);
  await tab.go(`${server.url}/`);
  await tab.until(`document.querySelector("h1")?.textContent.includes("Waiting for the first span")`);
  await sendOrders(server);
  await sendProfiles(server);
  await tab.until(`document.querySelector(".scatter canvas") && document.querySelector(".row.item")`);
  const trace = await failedTrace(server);
  for (const [hash, drawn] of [
    [`trace/${trace}`, ".span-bar"],
    ["logs", ".histogram rect"],
    ["metrics?name.0=http.server.request.duration", ".chart-card"],
    ["services", "tbody tr"],
    ["services?show=graph", ".graph .node"],
    ["profiles", "tbody tr"],
    ["status", "meter"],
  ]) {
    await tab.go(`${server.url}/#/${hash}`);
    await tab.until(`document.querySelector("main ${drawn}")`);
  }
  assert.deepEqual(tab.faults, []);
});

test("in Firefox, keys open a trace, whose levels have thin lines, and a drag over the scatter makes a filter", {
  skip,
}, async (t) => {
  const server = await startObsvty(t, { settings: { OTLP_HTTP_PORT: "0" } });
  await sendOrders(server);
  const tab = await openFirefox(t);
  await tab.go(`${server.url}/`);
  await tab.until(`document.querySelector(".row.item")`);
  await tab.type("j");
  await tab.until(`document.querySelector('.row[aria-selected="true"]')`);
  await tab.type(enterKey);
  const third = '.row.item[aria-level="3"] > .tree';
  await tab.until(`document.querySelector('${third}')`);
  const [ground, ...others] = await tab.colours(third, 28);
  assert.equal(
    others.filter((colour) => colour !== ground).length,
    2,
    "a line of one pixel for each level above",
  );
  await tab.type(escapeKey);
  await tab.until(`document.querySelector(".scatter canvas")?.width > 0`);
  await tab.drag(".scatter canvas", [0.1, 0.1], [0.9, 0.9]);
  await tab.until(`document.querySelector(".chip")`);
  assert.deepEqual(tab.faults, []);
});
