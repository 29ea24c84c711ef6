import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { line } from "../../../../src/cli/output/line.ts";
import { textWidth, visible, visibleJson } from "../../../../src/cli/output/visible.ts";

describe("visible", () => {
  for (const [text, shown] of [
    ["plain text, ünïcode, 漢字, 🎉", "plain text, ünïcode, 漢字, 🎉"],
    ["\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"],
    ["\x1b]0;title\x07", "\\x1b]0;title\\x07"],
    ["one\ntwo\r\tthree", "one\\ntwo\\r\\tthree"],
    ["\x00\x08\x7f", "\\x00\\x08\\x7f"],
    ["\u009b31m", "\\x9b31m"],
    ["user\u202egnp.exe", "user\\u202egnp.exe"],
    ["\u2028\u2066", "\\u2028\\u2066"],
  ] as const) {
    test(`control characters are made visible in ${JSON.stringify(text)}`, () =>
      assert.equal(visible(text), shown));
  }
});

test("JSON for a terminal has the same value and no control characters", () => {
  const value = { body: "\x1b[2J\u009b31m\u202e\x7f" };
  const json = visibleJson(JSON.stringify(value));
  assert.match(json, /^[\x20-\x7e]*$/);
  assert.deepEqual(JSON.parse(json), value);
});

test("the width of a text is its number of columns on a terminal", () => {
  assert.equal(textWidth("GET /cart"), 9);
  assert.equal(textWidth("漢字"), 4);
  assert.equal(textWidth("e\u0301"), 1);
  assert.equal(textWidth("🎉 ü"), 4);
  assert.equal(textWidth("❤️"), 2);
  assert.equal(textWidth("🇩🇪"), 2);
  assert.equal(textWidth("1️⃣"), 2);
  assert.equal(textWidth("👩‍💻"), 2);
  assert.equal(textWidth("co\u00adop"), 5);
});

test("a line that is too wide is cut with an ellipsis, never in a wide character", () => {
  const cut = (columns: number, ...texts: string[]) =>
    line(
      texts.map((text) => ({ text })),
      { columns, nowMs: 0, paint: (_style, text) => text },
    );
  assert.equal(cut(9, "GET /cart"), "GET /cart");
  assert.equal(cut(8, "GET /cart"), "GET /ca…");
  assert.equal(cut(6, "漢字漢字"), "漢字…");
  assert.equal(cut(9, "GET ", "/cart"), "GET /cart");
  assert.equal(cut(9, "GET ", "/cart", "s"), "GET /car…");
  assert.equal(cut(4, "GET ", "/cart"), "GET…");
  assert.equal(cut(1, "GET"), "…");
  assert.equal(cut(0, "GET"), "");
});

test("a line is cut after control characters are escaped and before it is coloured", () => {
  const view = { columns: 10, nowMs: 0, paint: (style: unknown, text: string) => `<${style}>${text}</>` };
  const pieces = [{ text: "a\x1b", style: "red" }, { text: "  " }, { text: "rest" }] as const;
  assert.equal(line(pieces, view), "<red>a\\x1b</>  re…");
  assert.equal(line([{ text: "0123456789ab" }, { text: "never" }], view), "012345678…");
});
