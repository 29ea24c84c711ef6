import assert from "node:assert/strict";
import { test } from "node:test";
import { failedTrace, inBrowser, rows, sendOrders } from "../../support/browser/page.ts";

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
