import assert from "node:assert/strict";
import { test } from "node:test";
import { inBrowser, rows, sendSpans } from "../../support/browser/page.ts";

const { open, skip } = inBrowser();

const traceId = "5b8efff798038103d269b633813fc60d";

/** A chain of spans, each in the one before and a little shorter at both ends. */
function chain(count: number): readonly object[] {
  const start = 1_795_428_000_000_000_000n;
  const id = (at: number) => (at + 1).toString(16).padStart(16, "0");
  return Array.from({ length: count }, (_, at) => ({
    traceId,
    spanId: id(at),
    parentSpanId: at === 0 ? "" : id(at - 1),
    name: `call ${at}`,
    startTimeUnixNano: String(start + BigInt(at) * 1_000_000n),
    endTimeUnixNano: String(start + BigInt(1_000 - at) * 1_000_000n),
  }));
}

for (const width of [390, 1_024, 1_440]) {
  test(`in a window ${width} px wide, labels stand beside their bars, and the deepest level is told`, {
    skip,
  }, async (t) => {
    const { server, page, faults, go } = await open(t, {}, { viewport: { width, height: 800 } });
    await sendSpans(server, chain(300));
    await go(`#/trace/${traceId}`);
    await rows(page).nth(5).waitFor();
    for (const row of await rows(page).all()) {
      const bar = await row.locator(".span-bar").boundingBox();
      const label = await row.locator(".label").boundingBox();
      assert.ok(bar && label);
      assert.ok(label.x >= bar.x + bar.width - 1, "the label covers its bar");
      assert.ok(label.x + label.width <= width, "the label is cut");
    }
    const ticks = await page.locator(".tick").all();
    const boxes = await Promise.all(ticks.map((tick) => tick.boundingBox()));
    for (const [at, box] of boxes.entries()) {
      assert.ok(box && (at === 0 || box.x >= (boxes[at - 1]?.x ?? 0) + (boxes[at - 1]?.width ?? 0)));
    }
    await page.getByRole("treegrid").focus();
    for (let press = 0; press < 16; press++) await page.keyboard.press("PageDown");
    await page.keyboard.press("Escape");
    const last = page.locator('.row[aria-level="300"]');
    await last.waitFor();
    assert.equal(await last.locator(".level-number").textContent(), "300");
    const name = await last.locator(".name").boundingBox();
    assert.ok(name && name.x < width * 0.4 && name.width >= 40, JSON.stringify(name));
    assert.deepEqual(faults, []);
  });
}
