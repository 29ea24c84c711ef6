import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { failedTrace, inBrowser, rows, sendOrders, sendSpans } from "../../support/browser/page.ts";
import { query } from "../../support/obsvty.ts";

const { open, skip } = inBrowser();

test("a list that is paused, or under the pointer, waits and says how many are new", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  await go("#/traces");
  await page.getByRole("button", { name: "pause" }).click();
  await sendOrders(server);
  await page.getByRole("button", { name: "3 new" }).waitFor();
  assert.equal(await rows(page).count(), 3);
  await page.getByRole("button", { name: "resume" }).click();
  await rows(page).nth(5).waitFor();

  await rows(page).nth(2).hover();
  await sendOrders(server);
  await page.getByRole("button", { name: "3 new" }).waitFor();
  assert.equal(await rows(page).count(), 6);
  await page.mouse.move(5, 5);
  await rows(page).nth(8).waitFor();
  assert.deepEqual(faults, []);
});

test("the row of a trace follows the spans that come later, also those that the filter does not find", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const send = (span: string, service: string, forNs = 1n) => {
    const start = 1_795_428_000_000_000_000n;
    const times = { startTimeUnixNano: String(start), endTimeUnixNano: String(start + forNs) };
    const spanId = span.padStart(16, "0");
    return sendSpans(server, [{ traceId: "a".repeat(32), spanId, name: span, ...times }], service);
  };
  const counts = rows(page).locator(".count");
  await send("1", "shop");
  await go("#/traces?service=shop");
  await counts.getByText("1", { exact: true }).waitFor();
  await send("2", "bank");
  await counts.getByText("2", { exact: true }).waitFor();

  await go("#/traces?sort=slowest");
  await counts.getByText("2", { exact: true }).waitFor();
  await sendOrders(server);
  await rows(page).nth(3).waitFor();
  const names = rows(page).locator(".name");
  const order = await names.allTextContents();
  await rows(page).nth(2).hover();
  // Longer than any other, it would go to the top.
  await send("3", "bank", 3_600_000_000_000n);
  await counts.getByText("3", { exact: true }).waitFor();
  assert.deepEqual(await names.allTextContents(), order);
  assert.equal(await page.getByRole("button", { name: /new/ }).count(), 0);
  await page.mouse.move(5, 5);
  await rows(page).first().locator(".count").getByText("3", { exact: true }).waitFor();
  assert.deepEqual(faults, []);
});

test("a trace of which any span has what is excluded is not listed, nor when such a span comes later", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const send = (trace: string, spanId: string, user?: string) => {
    const times = { startTimeUnixNano: "1795428000000000000", endTimeUnixNano: "1795428000001000000" };
    const attributes = user === undefined ? [] : [{ key: "user.id", value: { stringValue: user } }];
    const traceId = trace.repeat(32);
    return sendSpans(server, [{ traceId, spanId: spanId.repeat(16), name: trace, ...times, attributes }]);
  };
  const names = rows(page).locator(".name");
  await send("a", "1");
  await send("a", "2", "u1");
  await send("b", "1", "u2");
  await send("c", "1");
  await go("#/traces?not.attr.user.id=u1");
  await page.getByText("2 traces that match").waitFor();
  assert.deepEqual(await names.allTextContents(), ["c", "b"]);
  await page.getByRole("button", { name: "no span user.id is u1: include it instead" }).waitFor();
  await page.getByRole("img", { name: /^2 traces from / }).waitFor();
  await send("b", "2", "u1");
  await page.getByText("1 trace that matches").waitFor();
  assert.deepEqual(await names.allTextContents(), ["c"]);

  // Rows under the pointer stay until it has left.
  await rows(page).first().hover();
  await send("c", "2", "u1");
  await rows(page).locator(".count").getByText("2", { exact: true }).waitFor();
  await page.mouse.move(5, 5);
  await page.getByText("No trace that is held has a span that matches and none that is excluded.").waitFor();
  await page.getByRole("button", { name: "no span user.id is u1: include it instead" }).click();
  await page.getByText("3 traces that match").waitFor();
  assert.deepEqual(faults, []);
});

test("more conditions that exclude traces than the server takes are told, and not sent", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const sent: number[] = [];
  page.on("request", (request) => {
    if (!request.url().endsWith("/SearchTraces")) return;
    sent.push((JSON.parse(request.postData() ?? "{}").without ?? []).length);
  });
  await sendSpans(server, [{ traceId: "a".repeat(32), spanId: "1".repeat(16), name: "a" }]);
  const excluded = Array.from({ length: 33 }, (_, i) => `not.attr.user.id=u${i}`).join("&");
  await go(`#/traces?${excluded}`);
  const told = page.getByText("At most 32 conditions can exclude traces, and these are 33: remove 1.");
  await told.waitFor();
  assert.equal(await page.getByText("The server refused").count(), 0);
  await page.getByRole("button", { name: "remove no span user.id is u7" }).click();
  await page.getByText("1 trace that matches").waitFor();
  assert.equal(await told.count(), 0);
  assert.deepEqual(
    sent.filter((count) => count > 32),
    [],
  );
  assert.deepEqual(faults, []);
});

test("a service has the same colour in another tab, which sees other services first", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  const names = Array.from({ length: 6 }, (_, at) => `service ${at}`);
  for (const [at, name] of names.entries()) {
    const times = { startTimeUnixNano: "1795428000000000000", endTimeUnixNano: "1795428000000000001" };
    const spanId = `${at + 1}`.padStart(16, "0");
    await sendSpans(server, [{ traceId: `${at + 1}`.padStart(32, "0"), spanId, name, ...times }], name);
  }
  const hueOf = async (on: Page, name: string) => {
    const service = on.locator(".service", { hasText: name }).first();
    return (await service.getAttribute("class"))?.replace(/^.*hue-/, "");
  };
  await go("#/traces");
  await rows(page).nth(5).waitFor();
  const hues = await Promise.all(names.map((name) => hueOf(page, name)));
  assert.equal(new Set(hues).size, 6);
  const other = await page.context().newPage();
  for (const [at, name] of [...names.entries()].toReversed()) {
    await other.goto(`${server.url}/#/traces?name=${encodeURIComponent(name)}`);
    await rows(other).getByText(name, { exact: true }).first().waitFor();
    assert.equal(await hueOf(other, name), hues[at]);
  }
  assert.deepEqual(faults, []);
});

const millisecond = 1_000_000n;

/** Traces of one span each, a second apart, the newest last; each takes ten times as long as the one before. */
function growingTraces(count: number): readonly object[] {
  const first = BigInt(Date.UTC(2026, 10, 27, 10)) * millisecond;
  return Array.from({ length: count }, (_, index) => {
    const start = first + BigInt(index) * 1_000n * millisecond;
    return {
      traceId: `${index + 1}`.padStart(32, "0"),
      spanId: `${index + 1}`.padStart(16, "0"),
      name: `step ${index + 1}`,
      startTimeUnixNano: String(start),
      endTimeUnixNano: String(start + millisecond * 10n ** BigInt(index)),
      ...(index === 1 && { status: { code: 2, message: "card declined" } }),
    };
  });
}

test("a part of the scatter that is dragged over becomes filters, and a click on a point opens its trace", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendSpans(server, growingTraces(4));
  await go("#/traces?tz=utc");
  await rows(page).nth(3).waitFor();
  const plot = page.getByRole("img", { name: /^4 traces from .*10:00:00.000 to .*10:00:03.000/ });
  const box = (await plot.boundingBox())!;
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  // Seconds 0 to 3 reach nearly over the plot, and 1 ms to 10 s over its height. The drag leaves out the first and the last.
  await page.mouse.move(...at(0.15, 0.9));
  await page.mouse.down();
  await page.mouse.move(...at(0.8, 0.3), { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/since=.*until=.*min=.*max=/);
  await page.getByText("2 traces that match").waitFor();
  await page.getByText("✗ card declined").waitFor();
  await page.getByRole("button", { name: "clear" }).click();
  await rows(page).nth(3).waitFor();
  // The first second stands a step of 200 ms clear of the edge.
  await page.mouse.click(...at(0.2 / 3.4, 0.999));
  await page.waitForURL(new RegExp(`trace/${"1".padStart(32, "0")}`));
  assert.deepEqual(faults, []);
});

test("a trace of 1970 is outside of the scatter, and a button lists it alone", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  const [old] = growingTraces(1).map(withOwnTrace(7));
  const times = { startTimeUnixNano: "1000000", endTimeUnixNano: "2000000" };
  await sendSpans(server, [...growingTraces(4), { ...old, name: "of 1970", ...times }]);
  await go("#/traces");
  await rows(page).nth(4).waitFor();
  await page.getByRole("img", { name: /^4 traces from .* 1 earlier and 0 later ones lie outside/ }).waitFor();
  await page.getByRole("button", { name: "1 earlier" }).click();
  await page.getByText("1 trace that matches").waitFor();
  await rows(page).first().getByText("of 1970").waitFor();
  assert.deepEqual(faults, []);
});

test("traces are sorted by the slowest, of all that are loaded", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendSpans(server, growingTraces(4).toReversed());
  await go("#/traces");
  await rows(page).first().getByText("step 1").waitFor();
  await page.getByLabel("sort").selectOption("slowest");
  await rows(page).first().getByText("step 4").waitFor();
  await page.waitForURL(/sort=slowest/);
  assert.deepEqual(faults, []);
});

test("older traces load at the end of the list", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  const start = BigInt(Date.UTC(2026, 10, 27, 10)) * millisecond;
  const spans = Array.from({ length: 1_100 }, (_, index) => ({
    traceId: `${index + 1}`.padStart(32, "0"),
    spanId: `${index + 1}`.padStart(16, "0"),
    name: `step ${index + 1}`,
    startTimeUnixNano: String(start + BigInt(index)),
    endTimeUnixNano: String(start + BigInt(index) + 1n),
  }));
  await sendSpans(server, spans);
  await go("#/traces");
  await page.getByText("the newest 600 traces").waitFor();
  await page.getByRole("grid").press("End");
  await page.getByText("1,100 traces").waitFor();
  await page.getByRole("grid").press("End");
  await rows(page).last().getByText("step 1", { exact: true }).waitFor();
  assert.deepEqual(faults, []);
});

test("older traces that load while new ones are asked for stay in the list", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  for (let round = 0; round < 150; round++)
    await sendSpans(server, growingTraces(4).map(withOwnTrace(round)));
  let older = 0;
  const asked = Promise.withResolvers<void>();
  const shown = Promise.withResolvers<void>();
  const askedAgain = Promise.withResolvers<void>();
  await page.route("**/SearchTraces", async (request) => {
    const { after, before } = request.request().postDataJSON();
    if (before !== undefined) {
      older += 1;
      await asked.promise;
    } else if (after !== "") {
      if (older === 1) asked.resolve();
      await shown.promise;
      askedAgain.resolve();
    }
    await request.continue();
  });
  await go("#/traces");
  // The first page has 100.
  await page.getByText("600 traces").waitFor();
  shown.resolve();
  await askedAgain.promise;
  await page.waitForResponse("**/SearchTraces");
  await page.waitForResponse("**/SearchTraces");
  assert.equal(older, 1);
  await page.getByText("600 traces").waitFor();
  assert.deepEqual(faults, []);
});

/** A list of 80 traces, scrolled to the oldest of them. */
async function openAwayFromNewest(t: TestContext) {
  const opened = await open(t);
  const { server, page, go } = opened;
  for (let round = 0; round < 20; round++) await sendSpans(server, growingTraces(4).map(withOwnTrace(round)));
  await go("#/traces");
  await page.getByText("80 traces").waitFor();
  await page.keyboard.press("End");
  await page.locator('[aria-rowindex="2"]').waitFor({ state: "detached" });
  return opened;
}

test("a list that is scrolled away from the newest waits, and the button of the new ones leads to them", {
  skip,
}, async (t) => {
  const { server, page, faults } = await openAwayFromNewest(t);
  await sendSpans(server, growingTraces(1).map(withOwnTrace(99)));
  await page.getByRole("button", { name: "1 new" }).click();
  await page.getByText("81 traces").waitFor();
  await page.locator('[aria-rowindex="2"]').waitFor();
  assert.deepEqual(faults, []);
});

test("a list that was scrolled or pointed at follows what arrives when another filter begins it anew", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await openAwayFromNewest(t);
  await go("#/traces?name=step+2");
  await page.getByText("20 traces that match").waitFor();
  await sendSpans(server, growingTraces(2).slice(1).map(withOwnTrace(99)));
  await page.getByText("21 traces that match").waitFor();

  await rows(page).nth(5).hover();
  await go("#/traces?name=new");
  await page.getByText("No trace that is held has a span that matches.").waitFor();
  const [span] = growingTraces(1).map(withOwnTrace(100));
  await sendSpans(server, [{ ...span, name: "new" }]);
  await page.getByText("1 trace that match").waitFor();
  assert.deepEqual(faults, []);
});

const withOwnTrace = (round: number) => (span: object, index: number) => ({
  ...span,
  traceId: `${round + 1}`.padStart(16, "0") + `${index + 1}`.padStart(16, "0"),
});

test("the list that a trace leads back to has the row of the trace chosen and in sight", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const spans = Array.from({ length: 90 }, (_, index) => ({
    traceId: `${index + 1}`.padStart(32, "0"),
    spanId: `${index + 1}`.padStart(16, "0"),
    name: `job ${index + 1}`,
    startTimeUnixNano: "1795428000000000000",
    endTimeUnixNano: "1795428000001000000",
  }));
  await sendSpans(server, spans);
  await go("#/traces");
  const chosen = page.locator('.row[aria-selected="true"]');
  await rows(page).first().waitFor();
  await page.keyboard.press("End");
  await page.getByRole("link", { name: "job 3", exact: true }).click();
  for (const leave of [() => page.goBack(), () => page.keyboard.press("Escape")]) {
    await page.getByRole("treegrid").waitFor();
    await leave();
    await chosen.filter({ hasText: "job 3" }).waitFor();
    await page.waitForFunction("document.querySelector('.rows').scrollTop > 0");
    await page.keyboard.press("Enter");
  }
  assert.deepEqual(faults, []);
});

test("a list says when more traces got spans that exclude them than it could read of", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  const traces = Array.from({ length: 1_000 }, (_, i) => ({ traceId: i.toString(16).padStart(32, "0") }));
  await page.route("**/obsvty.v1.QueryService/SearchTraces", async (route) => {
    const { limit } = route.request().postDataJSON();
    await (limit === 1_000 ? route.fulfill({ json: { traces } }) : route.continue());
  });
  await go("#/traces?not.name=none");
  await rows(page).nth(2).waitFor();
  await sendSpans(server, [{ traceId: await failedTrace(server), spanId: "0102030405060708", name: "late" }]);
  await page.getByText("some of those may still be listed").waitFor();
  assert.deepEqual(faults, []);
});

test("a list that is filtered says when what it shows may have been evicted since", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t, { MAX_BUFFER_SIZE: "3" });
  const send = (name: string, from: number) =>
    sendSpans(
      server,
      [from, from + 1, from + 2].map((id) => {
        return { traceId: `${id}`.padStart(32, "0"), spanId: `${id}`.padStart(16, "0"), name };
      }),
    );
  await send("wanted", 1);
  await go("#/traces?name=wanted");
  await page.getByText("3 traces that match; 3 spans held, 0 evicted").waitFor();
  await send("other", 4);
  await page.getByText("3 traces that match, some perhaps evicted since; 3 spans held, 3 evicted").waitFor();
  await query(server, "Clear");
  await send("wanted", 7);
  await page.getByText("3 traces that match; 3 spans held, 3 evicted").waitFor();
  assert.deepEqual(faults, []);
});
