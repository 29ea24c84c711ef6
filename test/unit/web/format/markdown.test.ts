import assert from "node:assert/strict";
import { test } from "node:test";
import { type Block, type Item, linesWithin, markdownBlocks } from "../../../../src/web/format/markdown.ts";
import type { Inline } from "../../../../src/web/format/markdown-inline.ts";

/** As HTML would be, in short: what a person sees, with the marks that were understood. */
function shown(text: string): string {
  return markdownBlocks(text).map(shownBlock).join("");
}

function shownBlock(block: Block): string {
  switch (block.kind) {
    case "code":
      return `<pre>${block.text}</pre>`;
    case "rule":
      return "<hr>";
    case "heading":
      return `<h${block.level}>${shownLine(block.content)}</h${block.level}>`;
    case "paragraph":
      return `<p>${shownLine(block.content)}</p>`;
    case "quote":
      return `<quote>${block.blocks.map(shownBlock).join("")}</quote>`;
    case "list":
      return `<list${block.from === undefined ? "" : ` from ${block.from}`}>${block.items.map(shownItem).join("")}</list>`;
    case "table": {
      const row = (cells: readonly (readonly Inline[])[]) => `[${cells.map(shownLine).join("][")}]`;
      const aligns = block.aligns.map((align) => align ?? "any").join(" ");
      return `<table ${aligns}>${[block.head, ...block.rows].map(row).join("; ")}</table>`;
    }
  }
}

function shownItem({ blocks, done }: Item): string {
  return `<item${done === undefined ? "" : done ? " done" : " to do"}>${blocks.map(shownBlock).join("")}</item>`;
}

function shownLine(parts: readonly Inline[]): string {
  return parts.map(shownPart).join("");
}

function shownPart(part: Inline): string {
  if ("text" in part) return part.kind === "code" ? `<code>${part.text}</code>` : part.text;
  const content = shownLine(part.content);
  return part.kind === "link" ? `<a ${part.href}>${content}</a>` : `<${part.kind}>${content}</${part.kind}>`;
}

test("headings, paragraphs, lists, quotations, lines and code are told apart", () => {
  const text =
    "# Title\nOne\ntwo\n\n- a\n- b\n  more\n1. c\n> said\n> - d\n\n```js\nlet a = `*`;\n```\nend\n---\n### Deep";
  assert.equal(
    shown(text),
    "<h1>Title</h1><p>One\ntwo</p><list><item><p>a</p></item><item><p>b\nmore</p></item></list>" +
      "<list from 1><item><p>c</p></item></list><quote><p>said</p><list><item><p>d</p></item></list></quote>" +
      "<pre>let a = `*`;</pre><p>end</p><hr><h3>Deep</h3>",
  );
});

test("lists stand in lists, by two spaces, by as many as the number takes, and by tabs", () => {
  const nested =
    "<list from 3><item><p>a</p><list><item><p>b</p><list><item><p>c</p></item></list></item></list></item>" +
    "<item><p>d</p></item></list>";
  assert.equal(shown("3. a\n  - b\n    - c\n4. d"), nested);
  assert.equal(shown("3. a\n   * b\n     * c\n4. d"), nested);
  assert.equal(shown("3. a\n\t- b\n\t\t- c\n4. d"), nested);
  assert.equal(shown("3. a\n\n   - b\n\n     - c\n\n4. d"), nested);
  assert.equal(shown(" - a\n  - b"), "<list><item><p>a</p></item><item><p>b</p></item></list>");
});

test("an item of a list has code, paragraphs and tables of its own", () => {
  assert.equal(
    shown("1. Run:\n\n   ```sh\n   a\n     b\n   ```\n\n   then\n2. c | d\n   --|--\n   e | f\n\nend"),
    "<list from 1><item><p>Run:</p><pre>a\n  b</pre><p>then</p></item>" +
      "<item><table any any>[c][d]; [e][f]</table></item></list><p>end</p>",
  );
});

test("of a long text, whole lines are taken, and a part of a line that is long itself", () => {
  assert.equal(linesWithin("one\ntwo\nthree", 9), "one\ntwo");
  assert.equal(linesWithin("one\ntwo\nthree", 13), "one\ntwo\nthree");
  assert.equal(linesWithin("#\nthree 🎉", 9), "#\nthree ");
});

test("tasks tell whether they are done", () => {
  assert.equal(
    shown("- [ ] a\n- [x] b\n- [X] c\n- [y] d"),
    "<list><item to do><p>a</p></item><item done><p>b</p></item><item done><p>c</p></item>" +
      "<item><p>[y] d</p></item></list>",
  );
});

test("a table has a head, and rows to the next empty line or block", () => {
  assert.equal(
    shown("Prices\n| item | price |\n|:--|--:|\n| `shoe` | **12** |\n| sock | 3 |\n\nend"),
    "<p>Prices</p><table left right>[item][price]; [<code>shoe</code>][<strong>12</strong>]; [sock][3]</table><p>end</p>",
  );
  assert.equal(shown("a | b\n:-: | -\nc | d\n# e"), "<table center any>[a][b]; [c][d]</table><h1>e</h1>");
});

test("a table loses nothing: of a row with too many cells, of a pipe that is escaped, of a row with too few", () => {
  assert.equal(
    shown("|a|b|\n|-|-|\n|c|d|e|f|\n|g|\n|h\\|i||"),
    "<table any any>[a][b]; [c][d|e|f]; [g]; [h|i][]</table>",
  );
});

test("lines with pipes that are no table stay text", () => {
  for (const text of ["a | b\nc | d", "a | b\n--- | --- | ---\nc", "|-|", "a || b\nc", "a | b\n-|x"]) {
    assert.equal(shown(text), `<p>${text}</p>`);
  }
});

test("code, emphasis and links within a line are told apart", () => {
  for (const [text, expected] of [
    ["a `*b*` **c** *d*", "a <code>*b*</code> <strong>c</strong> <emphasis>d</emphasis>"],
    [
      "``a ` b`` ***c*** ~~d~~",
      "<code>a ` b</code> <strong><emphasis>c</emphasis></strong> <struck>d</struck>",
    ],
    ["**a `b` *c* d**", "<strong>a <code>b</code> <emphasis>c</emphasis> d</strong>"],
    ["2 * 3 * 4, *.ts, a_b_c, __init__", "2 * 3 * 4, *.ts, a_b_c, __init__"],
    ["\\*a\\* C:\\dir", "*a* C:\\dir"],
    ['[**e** f](https://g.example/h_(i) "title")', "<a https://g.example/h_(i)><strong>e</strong> f</a>"],
    ["![chart](https://g.example/a.png)", "<a https://g.example/a.png>chart</a>"],
    [
      "(see https://g.example/a_(b)?c=d). <http://h.example>",
      "(see <a https://g.example/a_(b)?c=d>https://g.example/a_(b)?c=d</a>). <a http://h.example>http://h.example</a>",
    ],
    ["[https://a.example](https://b.example)", "<a https://b.example>https://a.example</a>"],
  ]) {
    assert.equal(shown(text ?? ""), `<p>${expected}</p>`);
  }
});

test("HTML and links that run code, or lead to files, stay text", () => {
  for (const text of [
    "<img src=x onerror=alert(1)> [x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1)) [y](data:text/html,a) [z](file:///etc/passwd) [w](//evil.example)",
    "<javascript:alert(1)> ![x](data:image/svg+xml,a)",
    "[x]( https://a .example)",
  ]) {
    assert.ok(!/<a (?!https?:\/\/)/.test(shown(text)), shown(text));
    assert.equal(
      shown(text)
        .replace(/<\/?a[^>]*>/g, "")
        .replace(/<\/?p>/g, ""),
      text,
    );
  }
});

test("a fence that does not end is code to the end, and another fence inside of it is part of it", () => {
  assert.equal(shown("```\na\n\nb"), "<pre>a\n\nb</pre>");
  assert.equal(shown("````md\n```\na\n```\n````\nb"), "<pre>```\na\n```</pre><p>b</p>");
});

test("what stands in more lists and quotations than anybody reads is text", () => {
  const deep = 10_000;
  for (const text of [`${"> ".repeat(deep)}a`, `${"- ".repeat(deep)}a`]) {
    const marksLeft = shown(text).split(/[>-] (?!<)/).length;
    assert.ok(marksLeft > deep - 20, `${marksLeft}`);
  }
  const stairs = Array.from({ length: 300 }, (_, step) => `${"  ".repeat(step)}- s${step}`).join("\n");
  for (let step = 0; step < 300; step++) assert.ok(shown(stairs).includes(`s${step}`));
});

test("100,000 characters of nothing but marks are read in linear time", (t) => {
  const parts = [
    ..."*`[]()|>-#~_\\<!",
    ..."** ``,~~,![,[a,[a](,[a](https://a,[a](https://a(,https://a,https://a),<https://a,**a *,*a,***a,`a``".split(
      ",",
    ),
    ..."> ,- ,1. ,# ,```\n,~~~\na\n,```a\n~~~\n,a\n\n,- a\n,|\n|-|\n,a|b\n-|-\n,|-,> - ,- > ,  - a\n,-\n-\n".split(
      ",",
    ),
    ...[
      "*a ",
      "[ ",
      "\\`",
      "a\n---|\n",
      "  ",
      "\t",
      "- [ ] ",
      "https://)",
      "https://a.",
      '[a](https://a "',
      "-|-|-\n",
    ],
  ];
  for (const part of parts) {
    const text = part.repeat(100_000 / part.length);
    const began = performance.now();
    markdownBlocks(text);
    markdownBlocks(`a | b\n-|-\n${text}`);
    markdownBlocks(`${text}\na`);
    const ms = performance.now() - began;
    t.diagnostic(`${JSON.stringify(part)}: ${Math.round(ms)} ms`);
  }
});
