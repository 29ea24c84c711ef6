import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  beginningOf,
  bytesText,
  countOf,
  hueOf,
  nameOr,
  readableValue,
  serviceHues,
  valueText,
} from "../../../../src/web/format/value.ts";

test("a text is shown as it is, anything else as JSON", () => {
  assert.equal(valueText("a b"), "a b");
  assert.equal(valueText(3), "3");
  assert.equal(valueText({ a: [1, null] }), '{"a":[1,null]}');
  assert.equal(valueText(undefined), "");
});

test("JSON is shown over several lines, also when it is in a text", () => {
  assert.equal(readableValue({ a: 1 }), '{\n  "a": 1\n}');
  assert.equal(readableValue('{"a":1}'), '{\n  "a": 1\n}');
  assert.equal(readableValue('{"id":12345678901234567890}'), '{\n  "id": 12345678901234567890\n}');
  assert.equal(readableValue("[not json"), "[not json");
  assert.equal(readableValue("plain"), "plain");
});

test("counts and bytes have their unit", () => {
  assert.equal(countOf(1, "span"), "1 span");
  assert.equal(countOf(2_000, "span"), "2,000 spans");
  assert.equal(bytesText(0), "0 B");
  assert.equal(bytesText(1_536), "1.5 KiB");
  assert.equal(bytesText(2 ** 28), "256 MiB");
});

test("a service always has the same hue, and the style sheet has each", () => {
  assert.equal(hueOf("shop"), hueOf("shop"));
  const used = new Set(Array.from({ length: 200 }, (_, i) => hueOf(`service-${i}`)));
  assert.equal(used.size, serviceHues);
  const css = readFileSync(new URL("../../../../src/web/styles/page.css", import.meta.url), "utf8");
  assert.deepEqual(
    [...used].filter((hue) => !css.includes(`.hue-${hue} {`)),
    [],
  );
});

test("JSON that is nested very deep stays the text that it is", () => {
  const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
  assert.equal(readableValue(deep), deep);
});

test("a name of white space alone can be seen", () => {
  assert.equal(nameOr("shop", "none"), "shop");
  assert.equal(nameOr("", "none"), "none");
  assert.equal(nameOr("  \n", "none"), '"  \\n"');
});

test("a text is cut between characters", () => {
  assert.equal(beginningOf("ab🎉c", 3), "ab");
  assert.equal(beginningOf("ab🎉c", 4), "ab🎉");
  assert.equal(beginningOf("ab\ud83c", 3), "ab\ud83c");
  assert.equal(beginningOf("ab", 5), "ab");
});
