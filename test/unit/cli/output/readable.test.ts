import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bounded, readable } from "../../../../src/cli/output/readable.ts";

describe("a text is shown without ANSI sequences and with other control characters escaped:", () => {
  for (const [what, text, shown] of [
    ["colours", "\x1b[31mred\x1b[0m \x1b[38;5;208mtext\x1b[m", "red text"],
    ["colours with colons", "\x1b[38:2::255:0:0mred", "red"],
    ["an 8-bit control", "\u009b31mred", "red"],
    ["cursor movements", "\x1b[2J\x1b[10;20H\x1b[?25lhidden", "hidden"],
    ["a title", "\x1b]0;title\x07text", "text"],
    ["a link", "\x1b]8;;http://example.com\x1b\\link\x1b]8;;\x1b\\", "link"],
    ["a device control string", "\x1bP1$r0m\x1b\\text\u0090q\u009c", "text"],
    ["a character set, as tput sgr0 writes it", "\x1b(B\x1b[mtext", "text"],
    ["saving and restoring the cursor", "\x1b7text\x1b8", "text"],
    ["a title without an end", "\x1b]0;title", "\\x1b]0;title"],
    ["a sequence without an end", "red\x1b[31", "red\\x1b[31"],
    ["a sequence that a line end breaks", "\x1b[3\n1m", "\\x1b[3\\n1m"],
    ["an ESC alone", "\x1b", "\\x1b"],
    ["other control characters", "one\ttwo\r\n\x07\u202e", "one\\ttwo\\r\\n\\x07\\u202e"],
  ] as const) {
    test(`${what} in a text is shown readably`, () => assert.equal(readable(text), shown));
  }

  test("many ANSI sequences without an end take linear time", () => {
    for (const part of ["\x1b]0;", "\x1b[", "\u009d", "\x1b[1;", "\x1b ", "\x1bP"]) {
      assert.ok(readable(part.repeat(300_000)).endsWith(" more characters)"));
    }
  });
});

test("a text that is cut says how many characters are left out, and is not cut inside of one", () => {
  assert.equal(bounded("abc", 3), "abc");
  assert.equal(bounded("abcdef", 3), "abc… (3 more characters)");
  assert.equal(bounded("ab🎉cd", 3), "ab… (4 more characters)");
});
