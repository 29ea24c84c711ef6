import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { inBrowser, rows, sendOrders } from "../../support/browser/page.ts";

const { open, skip } = inBrowser();

/** A list of three orders. */
async function openList(t: TestContext, view: "traces" | "logs") {
  const opened = await open(t);
  await sendOrders(opened.server);
  await opened.go(`#/${view}`);
  await rows(opened.page).nth(2).waitFor();
  return opened;
}

const field = (page: Page) => page.getByRole("combobox", { name: "add a filter" });
const option = (page: Page, name: string) => page.getByRole("option", { name });

async function add(page: Page, typed: string): Promise<void> {
  await field(page).fill(typed);
  await field(page).press("Enter");
}

test("filters are in the address, which shows the same to somebody else", { skip }, async (t) => {
  const { server, page, faults } = await openList(t, "traces");
  await add(page, "status: error");
  await page.getByText("1 trace that matches").waitFor();
  await add(page, "service: shop");
  await page.waitForURL(/status=error&service=shop/);
  const copied = page.url();
  await page.getByRole("button", { name: "clear" }).click();
  await rows(page).nth(2).waitFor();

  const other = await page.context().newPage();
  await other.goto(copied);
  await other.getByText("1 trace that matches").waitFor();
  await add(other, "duration >= 1h");
  await other.getByText("No trace that is held has a span that matches").waitFor();
  await add(other, "duration >= soon");
  await other.getByText("a duration is a number and a unit").waitFor();
  await other.goto(`${server.url}/#/traces?min=1h&name=POST+%2Fcheckout`);
  await other.getByRole("button", { name: "remove duration at least is 1h" }).click();
  await rows(other).nth(2).waitFor();
  assert.deepEqual(faults, []);
});

test("the way back undoes filters and orders one by one, but not each row that was chosen", {
  skip,
}, async (t) => {
  const { page, faults } = await openList(t, "traces");
  await add(page, "service: shop");
  await page.waitForURL(/service=shop$/);
  await add(page, "status: error");
  await page.getByText("1 trace that matches").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  await page.waitForURL(/status=error&row=\w+$/);
  await page.getByRole("combobox", { name: "sort" }).selectOption("slowest");
  await page.waitForURL(/sort=slowest/);

  await page.goBack();
  await page.waitForURL(/status=error&row=\w+$/);
  await page.goBack();
  await page.waitForURL(/service=shop$/);
  await page.goBack();
  await page.waitForURL(/#\/traces$/);
  await rows(page).nth(2).waitFor();
  await page.goForward();
  await page.getByRole("button", { name: "remove service is shop" }).waitFor();
  assert.deepEqual(faults, []);
});

test("a filter is completed from the fields, the keys of attributes and their values, by keys alone", {
  skip,
}, async (t) => {
  const { page, faults } = await openList(t, "traces");
  await page.keyboard.press("/");
  await option(page, "status: error, ok or unset").waitFor();
  await page.keyboard.type("cart");
  await option(page, "cart.id:").waitFor();
  await page.keyboard.press("Enter");
  await option(page, "cart.id: c3").waitFor();
  await page.keyboard.type("c3");
  await page.keyboard.press("Enter");
  await page.getByText("1 trace that matches").waitFor();
  await page.waitForURL(/attr\.cart\.id=c3/);

  await page.keyboard.type("cart.id: ");
  await option(page, "cart.id: b2").waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Escape");
  await option(page, "cart.id: b2").waitFor({ state: "hidden" });
  await field(page).fill("");
  await page.keyboard.press("Backspace");
  await rows(page).nth(2).waitFor();
  await page.waitForURL((url) => !url.hash.includes("cart"));
  await page.keyboard.press("Escape");
  assert.equal(
    await field(page).evaluate((element) => element === element.ownerDocument.activeElement),
    false,
  );
  assert.deepEqual(faults, []);
});

test("several values of a field are alternatives, and a chip is turned, changed and removed", {
  skip,
}, async (t) => {
  const { page, faults } = await openList(t, "traces");
  await add(page, "cart.id: a1");
  await page.getByText("1 trace that matches").waitFor();
  await add(page, "cart.id: c3");
  await page.getByText("2 traces that match").waitFor();
  await page.getByText("or", { exact: true }).waitFor();
  await page.getByRole("button", { name: "cart.id is c3: exclude it instead" }).click();
  await page.getByText("1 trace that matches").waitFor();
  await page.getByRole("button", { name: "remove cart.id is a1" }).click();
  await page.getByText("2 traces that match").waitFor();
  await page.getByRole("button", { name: "change no span cart.id is c3" }).click();
  assert.equal(await field(page).inputValue(), "-cart.id: c3");
  await rows(page).nth(2).waitFor();
  assert.deepEqual(faults, []);
});

test("an expression is a chip, and a fault in it is told with its place", { skip }, async (t) => {
  const { page, faults } = await openList(t, "traces");
  await add(page, 'attributes["http.response.status_code"] >= 400');
  await page.getByText("1 trace that matches").waitFor();
  await page.getByRole("button", { name: "clear" }).click();
  await add(page, "-service: other");
  await rows(page).nth(2).waitFor();
  await add(page, 'where: kind != "" && nam == "x"');
  await page.getByText('there is no "nam"').waitFor();
  assert.equal(await page.locator("mark").textContent(), "n");
  // Nothing was looked for.
  await page.getByText("that match").waitFor({ state: "detached" });
  assert.deepEqual(
    faults.filter((fault) => !/status of 400/.test(fault)),
    [],
  );
});

test("of several expressions those with a fault are marked, and no other", { skip }, async (t) => {
  const { page, faults, go } = await openList(t, "traces");
  const wrong = page.locator(".chip.wrong .value-of");
  const filter = (...where: string[]) =>
    go(`#/traces?${new URLSearchParams(where.map((expression) => ["where", expression]))}`);
  // What does not end in the first would be a fault in the second, were they looked at together.
  for (const fault of ['name == "x', "(kind != name", "name == 'a' &&", "nam == name"]) {
    await filter(fault, 'kind != ""');
    await page.locator(".chip.wrong", { hasText: fault }).waitFor();
    assert.deepEqual(await wrong.allTextContents(), [fault]);
    assert.equal(await page.locator(".where-place").count(), 1);
    await filter('kind != ""', fault);
    await page.locator(".chip.wrong", { hasText: fault }).waitFor();
    assert.deepEqual(await wrong.allTextContents(), [fault]);
  }
  await go(`#/traces?where=kind+%2B+5&where=nam&not.service=x`);
  await page.getByText("a string and an int cannot be calculated with").waitFor();
  await page.getByText('there is no "nam"').waitFor();
  assert.deepEqual(await wrong.allTextContents(), ["kind + 5", "nam"]);
  assert.deepEqual(
    faults.filter((fault) => !/status of 400/.test(fault)),
    [],
  );
});

test("an attribute of a detail filters the list that is shown, and excludes", { skip }, async (t) => {
  const { page, faults } = await openList(t, "logs");
  await add(page, "severity: info");
  await page.getByText("3 log records that match").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  const detail = page.getByRole("complementary", { name: "Log record" });
  await detail.getByRole("link", { name: "logs without this cart.id" }).click();
  await page.getByText("2 log records that match").waitFor();
  await page.getByRole("button", { name: "remove severity is info" }).waitFor();
  assert.deepEqual(faults, []);
});

test("a link with many expressions of which one is wrong makes no call for each of them", {
  skip,
}, async (t) => {
  const { server, page, go } = await open(t);
  await sendOrders(server);
  let calls = 0;
  page.on("request", (request) => {
    // The search for one expression alone.
    if (request.url().endsWith("/SearchSpans")) calls++;
  });
  const where = ["nam", ...Array.from({ length: 500 }, (_, n) => `name != "${n}"`)];
  await go(`#/traces?${new URLSearchParams(where.map((expression) => ["where", expression]))}`);
  await page.locator(".where-place").waitFor();
  assert.equal(calls, 50);
});

test("several conditions that are pasted are a chip each, one step back, and what cannot be read says why", {
  skip,
}, async (t) => {
  const { page, faults } = await openList(t, "traces");
  const chips = page.getByRole("list", { name: "filters" }).getByRole("listitem");
  await add(page, 'service=shop name="POST /checkout" status=error');
  await page.getByText("1 trace that matches").waitFor();
  assert.equal(await chips.count(), 3);
  await page.goBack();
  await chips.first().waitFor({ state: "detached" });
  await add(page, "service=shop OR status=error");
  await page.getByText("alternatives of several fields").waitFor();
  assert.equal(await chips.count(), 0);
  assert.deepEqual(faults, []);
});

test("a comparison that is excluded leaves out the traces of which a span is so, and its fault is told", {
  skip,
}, async (t) => {
  const { page, faults } = await openList(t, "traces");
  await add(page, "-http.response.status_code >= 400");
  await page.getByText("2 traces that match").waitFor();
  await page.getByRole("button", { name: "clear" }).click();
  await add(page, "-where: nam == kind");
  await page.getByText('there is no "nam"').waitFor();
  assert.deepEqual(
    faults.filter((fault) => !/status of 400/.test(fault)),
    [],
  );
});

test("a comparison of an attribute and a value in quotes are understood as they are typed", {
  skip,
}, async (t) => {
  const { page, faults } = await openList(t, "traces");
  await add(page, "http.response.status_code >= 400");
  await page.getByText("1 trace that matches").waitFor();
  await page.getByRole("button", { name: "clear" }).click();
  await add(page, 'name: "POST /checkout"');
  await page.getByText("3 traces that match").waitFor();
  assert.deepEqual(faults, []);
});
