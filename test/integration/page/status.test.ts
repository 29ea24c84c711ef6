import assert from "node:assert/strict";
import { test } from "node:test";
import { inBrowser } from "../../support/browser/page.ts";

const { open, skip } = inBrowser();

test("a fault that is scripted on the page is what the next export meets", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t, { FAULT_INJECTION: "true" });
  await go("#/status");
  await page.getByText("Faults on purpose").click();
  await page.getByText("Exports are served as ever.").waitFor();
  const form = page.getByRole("form", { name: "A new fault" });
  await form.getByLabel(/^with/).selectOption("RESOURCE_EXHAUSTED");
  await form.getByLabel("to be tried again after").fill("soon");
  await form.getByRole("button", { name: "add" }).click();
  await page.getByText("When to try again is a number and a unit").waitFor();
  await form.getByLabel("to be tried again after").fill("7s");
  await form.getByRole("button", { name: "add" }).click();
  await page.getByText("refused with RESOURCE_EXHAUSTED, to be tried again after 7 s").waitFor();
  await form.getByLabel(/^do /).selectOption("reset");
  await form.getByRole("button", { name: "add" }).click();
  await page.getByText("the next export: the connection is reset").waitFor();

  const response = await fetch(`${server.url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  assert.deepEqual([response.status, response.headers.get("retry-after")], [429, "7"]);
  await page.getByRole("button", { name: "look again" }).click();
  await page.getByText("refused with RESOURCE_EXHAUSTED").waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "forget all" }).click();
  await page.getByText("Exports are served as ever.").waitFor();
  assert.deepEqual(faults, []);
});

test("a fault that the server refuses is told with its reason until it takes one", { skip }, async (t) => {
  const { page, faults, go } = await open(t, { FAULT_INJECTION: "true" });
  await go("#/status");
  await page.getByText("Faults on purpose").click();
  const form = page.getByRole("form", { name: "A new fault" });
  await form.getByLabel(/^do /).selectOption("delay");
  await form.getByLabel("how long").fill("1000h");
  const [, answered] = await Promise.all([
    form.getByRole("button", { name: "add" }).click(),
    page.waitForResponse("**/SetFaults"),
  ]);
  assert.equal(answered.status(), 400);
  // Whatever is asked after the refusal has been answered then.
  for (let polls = 0; polls < 2; polls++) await page.waitForResponse("**/GetStats");
  await page.getByRole("alert").getByText("delay").waitFor();
  await form.getByLabel("how long").fill("1ms");
  await form.getByRole("button", { name: "add" }).click();
  await page.getByText("the next export: answered after 1 ms").waitFor();
  assert.equal(await page.getByRole("alert").count(), 0);
  assert.deepEqual(
    faults.filter((fault) => !/status of 400/.test(fault)),
    [],
  );
});

test("a server that takes no faults says how to start it so that it does", { skip }, async (t) => {
  const { page, faults, go } = await open(t);
  await go("#/status");
  await page.getByText("Faults on purpose").click();
  await page.getByText("Start it with FAULT_INJECTION=true.").waitFor();
  // The browser itself tells of the refused call.
  assert.deepEqual(
    faults.filter((fault) => !/status of 501/.test(fault)),
    [],
  );
});

test("the status tells why items were rejected and requests refused, how near limits are, and who sends", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const post = (body: string) =>
    fetch(`${server.url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
  const span = (traceId: string) => ({ traceId, spanId: "eee19b7ec3c1b174", name: "GET /" });
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
  const spans = [span("5b8efff798038103d269b633813fc60c"), span("00".repeat(16))];
  await post(JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }));
  await post("no JSON");
  await go("#/status");
  const table = page.getByRole("table").first();
  await table.getByRole("row", { name: /^traces 1 / }).waitFor();
  // They stand in the row below that of their signal.
  const reasons = table.locator("tr", { hasText: /^traces1/ }).locator("+ tr");
  await reasons.getByText("rejected 1 item: trace_id must not be all zero").waitFor();
  await reasons.getByText("refused 1 request: not-the-message").waitFor();
  await page.getByRole("meter", { name: "connections that are open" }).waitFor();
  await page.getByText(/^1 of 10,000$/).waitFor();
  await page.getByRole("cell", { name: "shop" }).waitFor();
  const kept = page.getByRole("row", { name: /^traces/ }).getByText(/^\d\d:\d\d:\d\d\.\d{3}$/);
  await kept.waitFor();
  assert.deepEqual(faults, []);
});

test("the status asks once in a round, and for the server's version and start once a minute", {
  skip,
}, async (t) => {
  const { page, faults, go } = await open(t);
  const asked = new Map<string, number>();
  page.on("request", (request) => {
    const name = new URL(request.url()).pathname.replace(/^.*\//, "");
    asked.set(name, (asked.get(name) ?? 0) + 1);
  });
  const rounds = async (count: number) => {
    while ((asked.get("GetStats") ?? 0) < count) await page.waitForRequest("**/GetStats");
  };
  await go("#/status");
  await page.getByText(/^obsvty \S+, up \d+ s\. It holds 0 B of at most 16 MiB\.$/).waitFor();
  await rounds(3);
  assert.equal(asked.get("health"), 1);
  assert.ok(
    Math.abs((asked.get("ListServices") ?? 0) - (asked.get("GetStats") ?? 0)) <= 1,
    [...asked].join(),
  );
  assert.deepEqual(faults, []);
});
