import assert from "node:assert/strict";
import { test } from "node:test";
import { type Block, markdownBlocks } from "../../../../src/web/format/markdown.ts";

const plain = (text: string) => [{ kind: "text", text }];

test("headings, paragraphs, lists, quotations and code are told apart", () => {
  const text = "# Title\nOne\ntwo\n\n- a\n- b\n  more\n1. c\n> said\n\n```js\nlet a = `*`;\n```\nend";
  assert.deepEqual(markdownBlocks(text), [
    { kind: "heading", content: plain("Title") },
    { kind: "paragraph", content: plain("One\ntwo") },
    { kind: "list", ordered: false, items: [plain("a"), plain("b\nmore")] },
    { kind: "list", ordered: true, items: [plain("c")] },
    { kind: "quote", content: plain("said") },
    { kind: "code", text: "let a = `*`;" },
    { kind: "paragraph", content: plain("end") },
  ]);
});

test("code, emphasis and links within a line are told apart", () => {
  assert.deepEqual(markdownBlocks("a `*b*` **c** *d* [e](https://f.example/g)"), [
    {
      kind: "paragraph",
      content: [
        { kind: "text", text: "a " },
        { kind: "code", text: "*b*" },
        { kind: "text", text: " " },
        { kind: "strong", text: "c" },
        { kind: "text", text: " " },
        { kind: "emphasis", text: "d" },
        { kind: "text", text: " " },
        { kind: "link", text: "e", href: "https://f.example/g" },
      ],
    },
  ]);
});

test("HTML and links that run code stay text", () => {
  const text = "<img src=x onerror=alert(1)> [x](javascript:alert(1))";
  assert.deepEqual(markdownBlocks(text), [{ kind: "paragraph", content: plain(text) }]);
});

test("a fence that does not end is code to the end", () => {
  assert.deepEqual(markdownBlocks("```\na\n\nb"), [{ kind: "code", text: "a\n\nb" }]);
});

test("texts of nothing but marks are read, and lose nothing", () => {
  const shown = (blocks: readonly Block[]) => JSON.stringify(blocks).length;
  for (const part of ["*", "`", "[", "**a", "> ", "- ", "# ", "[a](", "\n", "~~~\n"]) {
    assert.ok(shown(markdownBlocks(part.repeat(2_000))) >= 2);
  }
});
