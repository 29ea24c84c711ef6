import assert from "node:assert/strict";
import { test } from "node:test";
import { failedTrace, inBrowser, rows, sendOrders, sendSpans } from "../../support/browser/page.ts";

const { open, skip } = inBrowser();

/** Every key of one character that the page knows, and some that it does not. */
const characters = "/?jkpezcnNE+=-0[]{}q";

test("every key is a character in the fields of all views, and moves nothing", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  for (const view of ["traces", "logs", "metrics", `trace/${await failedTrace(server)}`]) {
    await go(`#/${view}`);
    await page.locator("input[data-filter]").waitFor();
    const inputs = page.locator("main input:not([type=checkbox])");
    for (let at = 0; at < (await inputs.count()); at++) {
      const input = inputs.nth(at);
      await input.focus();
      await page.keyboard.type(characters);
      assert.equal(await input.inputValue(), characters, `${view}, field ${at}`);
      assert.equal(await page.locator('.row[aria-selected="true"], dialog[open]').count(), 0, view);
      await input.fill("");
      await page.keyboard.press("Escape");
    }
  }
  assert.deepEqual(faults, []);
});

test("the list of keys says the whole of what each does, on a phone too", { skip }, async (t) => {
  const { page, go } = await open(t);
  await go("#/status");
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await page.keyboard.press("?");
    const list = page.locator("dialog[open] .fields");
    const cut = await list.evaluate((element) => {
      const { right } = element.getBoundingClientRect();
      return [...element.querySelectorAll("dt, dd")]
        .filter((each) => each.scrollWidth > each.clientWidth || each.getBoundingClientRect().right > right)
        .map(({ textContent }) => textContent);
    });
    assert.deepEqual(cut, [], `at ${width} px`);
    await page.keyboard.press("Escape");
  }
});

test("a slash leads to the filter or the find also from a button, a box to tick and a choice", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t, { FAULT_INJECTION: "true" });
  await sendOrders(server);
  await go("#/traces");
  await rows(page).first().waitFor();
  const isFocused = (selector: string) => page.locator(`${selector}:focus`).waitFor();
  for (const name of ["pause", "keys"]) {
    await page.getByRole("button", { name }).focus();
    await page.keyboard.press("/");
    await isFocused("[data-filter]");
    await page.keyboard.press("Escape");
  }
  await go("#/metrics");
  const box = page.locator("input[type=checkbox]").first();
  await box.focus();
  await page.keyboard.press("Space");
  await page.getByRole("article").waitFor();
  await page.keyboard.press("/");
  await isFocused("[data-filter]");
  await page.evaluate(`{
    const text = document.querySelector("main").appendChild(document.createElement("p"));
    text.contentEditable = "plaintext-only";
    text.className = "editable";
    text.focus();
  }`);
  await page.keyboard.type(characters);
  assert.equal(await page.locator(".editable").textContent(), characters);
  // A view without such a field leaves the key to the browser.
  await go("#/status");
  await page.getByRole("table").first().waitFor();
  await page.evaluate(`{
    globalThis.prevented = undefined;
    addEventListener("keydown", (event) => { prevented = event.defaultPrevented; });
  }`);
  await page.keyboard.press("/");
  assert.equal(await page.evaluate("prevented"), false);
  assert.deepEqual(faults, []);
});

test("keys that a program composes a character with, and those with Ctrl, Alt or Meta, move nothing", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  await go(`#/trace/${await failedTrace(server)}`);
  await page.getByRole("treegrid").waitFor();
  const press = (init: object) =>
    page.evaluate(
      `document.body.dispatchEvent(new KeyboardEvent("keydown", ${JSON.stringify({
        bubbles: true,
        cancelable: true,
        ...init,
      })}))`,
    );
  // Nobody has taken the key.
  for (const init of [{ ctrlKey: true }, { altKey: true }, { metaKey: true }, { isComposing: true }]) {
    assert.equal(await press({ key: "e", ...init }), true, JSON.stringify(init));
  }
  assert.equal(await page.locator('.row[aria-selected="true"]').count(), 0);
  // As on a German keyboard: Windows says that Ctrl and Alt are held, macOS that Alt is.
  assert.equal(await press({ key: "{", ctrlKey: true, altKey: true, modifierAltGraph: true }), false);
  await page.locator('.row[aria-expanded="false"]').first().waitFor();
  assert.equal(await press({ key: "}", altKey: true }), false);
  await page.locator('.row[aria-expanded="false"]').waitFor({ state: "hidden" });

  await page.keyboard.press("/");
  await page.keyboard.type("e");
  await page.getByText("– /").waitFor();
  const field = page.locator("[data-filter]");
  await field.dispatchEvent("keydown", { key: "Enter", isComposing: true, bubbles: true });
  assert.equal(await page.locator('.row[aria-selected="true"]').count(), 0);
  await go("#/traces");
  await rows(page).first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("nothing");
  await field.dispatchEvent("keydown", { key: "Enter", isComposing: true, bubbles: true });
  assert.equal(await page.locator(".chip").count(), 0);
  assert.deepEqual(faults, []);
});

test("keys go on where the browser refuses to change the address so often, which follows later", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const traceId = "5b8efff798038103d269b633813fc60c";
  const spans = Array.from({ length: 30 }, (_, n) => ({
    traceId,
    spanId: String(n + 1).padStart(16, "0"),
    ...(n > 0 && { parentSpanId: "0000000000000001" }),
    name: `step ${n}`,
    startTimeUnixNano: String(1_795_000_000_000_000_000n + BigInt(n)),
    endTimeUnixNano: String(1_795_000_000_000_001_000n + BigInt(n)),
  }));
  await sendSpans(server, spans);
  await page.addInitScript(`
    const { replaceState } = history;
    let refused = 0;
    history.replaceState = function (...change) {
      // As Firefox and Safari do, but sooner.
      if (refused++ < 20) throw new DOMException("The operation is insecure.", "SecurityError");
      return replaceState.apply(this, change);
    };
  `);
  await go(`#/trace/${traceId}`);
  await rows(page).nth(2).waitFor();
  for (let n = 0; n < 10; n++) await page.keyboard.press("j");
  await page.getByRole("row", { selected: true }).getByText("step 9").waitFor();
  for (let n = 0; n < 10; n++) await page.keyboard.press("j");
  await page.waitForURL(/span=0000000000000020/);
  assert.deepEqual(faults, []);
});
