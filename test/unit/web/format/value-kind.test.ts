import assert from "node:assert/strict";
import { test } from "node:test";
import { isMarkdown, stackOf, structureOf } from "../../../../src/web/format/value-kind.ts";

function kinds(stack: string): string {
  return (stackOf(stack) ?? []).map(({ kind }) => kind[0]).join("");
}

test("a list and an object are a structure, as they are and as JSON in a text", () => {
  assert.deepEqual(structureOf({ a: 1 }), { a: 1 });
  assert.deepEqual(structureOf(' [1, "b"]'), [1, "b"]);
  for (const value of ["text", "[1", "12", 12, true, null, undefined])
    assert.equal(structureOf(value), undefined);
  assert.equal(structureOf(`[${"1,".repeat(200_000)}1]`), undefined);
});

test("numbers in a text of JSON stay as they were sent, also where a double has no such number", () => {
  const text = '{"id": 12345678901234567890, "price": 1.50, "large": 1e400, "count": 7}';
  assert.deepEqual(structureOf(text), {
    id: "12345678901234567890",
    price: "1.50",
    large: "1e400",
    count: 7,
  });
});

test("frames of a program are told apart from those of its libraries, in several languages", () => {
  const node = [
    "Error: card declined",
    "    at charge (/app/pay.js:3:9)",
    "    at run (/app/node_modules/express/lib/router.js:1:2)",
    "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
  ];
  assert.equal(kinds(node.join("\n")), "moll");
  const python = [
    "Traceback (most recent call last):",
    '  File "/app/pay.py", line 3, in charge',
    "    raise ValueError(card)",
    '  File "/usr/lib/python3.12/site-packages/flask/app.py", line 1, in run',
    "    return f()",
    "ValueError: declined",
  ];
  assert.equal(kinds(python.join("\n")), "moollm");
  const java = [
    "java.lang.IllegalStateException: declined",
    "\tat com.shop.Pay.charge(Pay.java:3)",
    "\tat java.base/java.lang.Thread.run(Thread.java:840)",
    "\tat org.springframework.web.Servlet.go(Servlet.java:1)",
  ];
  assert.equal(kinds(java.join("\n")), "moll");
  const go = [
    "goroutine 1 [running]:",
    "main.charge(0x1)",
    "\t/app/pay.go:3 +0x1d",
    "runtime.main()",
    "\t/usr/local/go/src/runtime/proc.go:250 +0x1",
  ];
  assert.equal(kinds(go.join("\n")), "mooll");
});

test("a text without frames is no stack trace", () => {
  assert.equal(stackOf("meet me at noon\nor at one"), undefined);
  assert.equal(stackOf("    at charge (/app/pay.js:3:9)"), undefined);
});

test("a text with headings, code, tables, lists or links over several lines is Markdown, and other texts are not", () => {
  for (const text of [
    "# A\nb",
    "a | b\n--|--\n1 | 2",
    "|a|\r\n|:-:|\r\n",
    "see\n```\ncode\n```",
    "- a\n- b",
    "**a**\n[b](https://c.example)",
  ]) {
    assert.ok(isMarkdown(text), text);
  }
  for (const text of [
    "# A",
    "a\nb",
    "a | b\nc | d",
    "a | b\n-----",
    "a\n-|-",
    "SELECT *\nFROM orders",
    "- a\nb",
    "a - b\nc - d",
  ]) {
    assert.ok(!isMarkdown(text), text);
  }
});
