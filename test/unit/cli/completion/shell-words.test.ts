import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bashReply, bashWords, unquoted } from "../../../../src/cli/completion/shell-words.ts";

/** The usual COMP_WORDBREAKS of Bash. */
const breaks = " \t\n\"'@><=;|&(:";

describe("a word of a shell without its quotes:", () => {
  for (const [typed, value] of [
    ["plain", "plain"],
    ["GET\\ /cart", "GET /cart"],
    ['"GET /cart"', "GET /cart"],
    ["'GET /cart", "GET /cart"],
    ['"a \\"b\\" \\$c \\d', 'a "b" $c \\d'],
    ["a'b c'\"d e\"f", "ab cd ef"],
    ["$(rm)`rm`$HOME", "$(rm)`rm`$HOME"],
    ["a\\", "a"],
    ["", ""],
  ] as const) {
    test(`the word ${typed} without its quotes is ${value}`, () => {
      assert.equal(unquoted(typed), value);
    });
  }
});

describe("a line of Bash as words, and what takes the place of the last piece:", () => {
  for (const [line, words, value, reply] of [
    ["obsvty ta", ["obsvty", "ta"], "tail", "tail"],
    ["obsvty tail ", ["obsvty", "tail", ""], "logs", "logs"],
    ["obsvty  --kind=s", ["obsvty", "--kind=s"], "--kind=server", "server"],
    ["obsvty --kind=", ["obsvty", "--kind="], "--kind=server", "server"],
    ["obsvty a=b:c", ["obsvty", "a=b:c"], "a=b:cd e", "cd\\ e"],
    ['obsvty "GET /c', ["obsvty", "GET /c"], 'GET /cart "$id"', 'GET /cart \\"\\$id\\"'],
    ["obsvty --name='it", ["obsvty", "--name=it"], "--name=it's", "it'\\''s"],
    ["obsvty GET\\ /", ["obsvty", "GET /"], "GET /é$(x)", "GET\\ /é\\$\\(x\\)"],
  ] as const) {
    test(`Bash puts ${reply} into the line: ${line}`, () => {
      const found = bashWords(line, breaks);
      assert.deepEqual(
        found.map(({ value }) => value),
        words,
      );
      const last = found.at(-1);
      assert.ok(last);
      assert.equal(bashReply(value, last), reply);
    });
  }
});
