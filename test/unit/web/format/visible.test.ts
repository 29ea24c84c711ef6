import assert from "node:assert/strict";
import { test } from "node:test";
import { visible } from "../../../../src/web/format/visible.ts";

for (const [text, shown] of [
  ["invoice-\u202egnp.exe\u202c", "invoice-\\u202egnp.exe\\u202c"],
  ["a\u2066b\u2069\u200f", "a\\u2066b\\u2069\\u200f"],
  ["pay\u200bment\u2060s\ufeff\u00ad", "pay\\u200bment\\u2060s\\ufeff\\xad"],
  ["pay\u200dment \u200c", "pay\\u200dment \\u200c"],
  ["a\ufe01b\u2764\ufe0f\ufe0f", "a\\ufe01b\u2764\ufe0f\\ufe0f"],
  ["a\u{e0041}b\u{e0100}", "a\\u{e0041}b\\u{e0100}"],
  ["\u115f\u3164\uffa0", "\\u115f\\u3164\\uffa0"],
  ["one\u0000two\u001b[31m\u0085\u007f", "one\\x00two\\x1b[31m\\x85\\x7f"],
  ["a\rb\r\nc", "a\\x0db\r\nc"],
  ["a\u2028b", "a\\u2028b"],
  ["\ud800 \udc00", "\\ud800 \\udc00"],
] as const) {
  test(`hidden characters are shown as escapes in ${JSON.stringify(text)}`, () => {
    assert.equal(visible(text), shown);
    assert.equal(visible(shown), shown);
  });
}

for (const text of [
  "GET /cart?x=1\n\tnext",
  "ünïcode, e\u0301, 漢字, 葛\u{e0100}",
  "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
  "\u0915\u094d\u200d\u0937",
  "👩\u200d💻 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} ❤\ufe0f 1\ufe0f\u20e3 👩🏽\u200d🚀",
]) {
  test(`a text that its writing needs stays as it is: ${text.replace(/\s/g, " ")}`, () =>
    assert.equal(visible(text), text));
}

test("marks that are piled up are counted", () => {
  assert.equal(visible(`z${"\u0301".repeat(400)}y`), `z${"\u0301".repeat(8)}(+392 marks)y`);
});

test("a text of a million characters is looked at in linear time", (t) => {
  const texts = ["\u202e", "\u0301", "\ufe0f", "\u{e0020}", "\u{1f3f4}", "ü", "\u200d"].map((unit) =>
    unit.repeat(300_000),
  );
  const began = performance.now();
  for (const text of texts) visible(text);
  t.diagnostic(`${Math.round(performance.now() - began)} ms`);
});
