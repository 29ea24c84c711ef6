import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { boundedJson, boundedText } from "../../../../src/process/log/bounded-line.ts";

/** C0, DEL and C1, the separators of lines and paragraphs, and marks that change the direction of text. */
const controls = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, i) => 0x7f + i),
  0x2028,
  0x2029,
  0x202e,
  0x2066,
]
  .map((code) => String.fromCharCode(code))
  .join("");
/** All but the end of the line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: looks for control characters
const raw = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]|\n./;

const record = (fields: object) => ({ level: 40, time: 1, ...fields, msg: "refused" });
const json = (fields: object) => `${JSON.stringify(record(fields))}\n`;
/** As simple as can be: shows what `boundedText` hands on. */
const show = (fields: object) => Object.values(fields).join(" ");

describe("a line of JSON", () => {
  it("a line of JSON has no control character but its end, and reads as before", () => {
    for (const path of [`/a${controls}`, `/${controls}${"b".repeat(2_000)}`]) {
      const line = boundedJson(json({ path }));
      assert.doesNotMatch(line, raw);
      assert.equal(line.at(-1), "\n");
      if (path.length <= 1_024) assert.deepEqual(JSON.parse(line), record({ path }));
    }
  });

  it("a line of JSON stays as it is when it is ordinary", () => {
    const line = json({
      path: "/größe",
      nested: { list: [1, true, null, "x"] },
      reason: 'a "quote" \\ slash',
    });
    assert.equal(boundedJson(line), line);
  });

  for (const [what, fields] of Object.entries({
    "a path of 60,000 letters": { path: "a".repeat(60_000) },
    "many long texts": Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, "b".repeat(5_000)])),
    "characters that are escaped": { path: "\u0085".repeat(30_000), reason: "\u0000".repeat(30_000) },
    "an error with a long stack": {
      err: { type: "Error", message: "m".repeat(9_000), stack: "s\n".repeat(9_000) },
    },
    "a list that is too long": { list: Array.from({ length: 20_000 }, () => 1) },
    "names of fields that are too long": { ["n".repeat(20_000)]: 1 },
  })) {
    it(`a line of JSON has at most 8 KiB with ${what}, and is still JSON`, () => {
      const line = boundedJson(json(fields));
      assert.ok(Buffer.byteLength(line) <= 8_192, `${Buffer.byteLength(line)}`);
      assert.doesNotMatch(line, raw);
      const { level, time, msg } = JSON.parse(line);
      assert.deepEqual({ level, time, msg }, { level: 40, time: 1, msg: "refused" });
    });
  }

  it("a line of JSON says where a text was cut, and keeps four times as much of a stack", () => {
    const long = "x".repeat(20_000);
    const { path, err } = JSON.parse(boundedJson(json({ path: long, err: { stack: long } })));
    assert.equal(path, `${"x".repeat(1_024)} (cut)`);
    assert.equal(err.stack, `${"x".repeat(4_096)} (cut)`);
  });
});

describe("a line as people read it", () => {
  it("a line as people read it has no control character in its texts, in escapes of JSON", () => {
    const text = boundedText(
      json({ path: `/a\u001b[31m\u0085${controls}`, nested: { list: ["\u2028"] } }),
      (fields) => JSON.stringify(fields).replaceAll("\\\\", "\\"),
    );
    assert.doesNotMatch(text, raw);
    assert.match(text, /"\/a\\u001b\[31m\\u0085\\u0000/);
    assert.match(text, /"list":\["\\u2028"\]/);
  });

  it("a line as people read it has no control character in the names of its fields, and cuts long ones", () => {
    const text = boundedText(
      json({ [`a${controls}`]: 1, nested: { [`b\n${"c".repeat(9_000)}`]: 1 } }),
      (fields) => JSON.stringify(fields).replaceAll("\\\\", "\\"),
    );
    assert.doesNotMatch(text, raw);
    assert.match(text, /"a\\u0000/);
    assert.match(text, /"b\\u000ac{1022} \(cut\)":1/);
  });

  it("a line as people read it keeps the lines of a stack, and of nothing else", () => {
    assert.equal(
      boundedText(json({ stack: "a\n\u001bb", path: "c\nd" }), show),
      "40 1 a\n\\u001bb c\\u000ad refused",
    );
  });

  it("a line as people read it has at most 8 KiB though it is longer than its JSON", () => {
    const text = boundedText(json({ a: "a".repeat(3_000), b: "b".repeat(3_000) }), (fields) =>
      show(fields).repeat(3),
    );
    assert.ok(Buffer.byteLength(text) <= 8_192);
    assert.match(text, /a{1024} \(cut\) b{1024} \(cut\)/);
  });
});
