import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { jsonTextsOf } from "../../../../src/cli/replay/json-documents.ts";
import { heapAndBufferBytes } from "../../../support/heap.ts";

async function read(text: string, chunkBytes: number, maxBytes = 1_000): Promise<unknown[]> {
  const bytes = Buffer.from(text);
  async function* chunks() {
    for (let at = 0; at < bytes.byteLength; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  const beginsText = (line: Uint8Array) => Buffer.from(line).toString().startsWith('{"request"');
  const texts: unknown[] = [];
  for await (const each of jsonTextsOf(chunks(), maxBytes, beginsText)) {
    texts.push([each.line, each.bytes && Buffer.from(each.bytes).toString().trimEnd(), each.isLast]);
  }
  return texts;
}

/** What is read, which must be the same whatever the chunks are. */
async function textsOf(text: string, maxBytes?: number): Promise<unknown[]> {
  const [whole, ...others] = await Promise.all([1_000, 1, 2, 7].map((bytes) => read(text, bytes, maxBytes)));
  for (const other of others) assert.deepEqual(other, whole);
  return whole ?? [];
}

describe("the JSON texts of a file", () => {
  test("the JSON texts of a file are its lines, without those that are blank", async () => {
    assert.deepEqual(await textsOf('{"a":1}\n\n \t\r\n{"a":{}} \r\nnonsense\n{"a":[1'), [
      [1, '{"a":1}', false],
      [4, '{"a":{}}', false],
      [5, "nonsense", false],
      [6, '{"a":[1', true],
    ]);
  });

  test("the JSON texts of a file are without the byte order mark that the file begins with", async () => {
    for (const text of ['{"a":1}', '{\n  "a": 1\n}']) {
      assert.deepEqual(await textsOf(`\ufeff${text}\n`), [[1, text, false]]);
    }
    assert.deepEqual(await textsOf('\ufeff\n\ufeff{"a":1}\n'), [[2, '\ufeff{"a":1}', false]]);
  });

  test("the JSON texts of a file are documents that a formatter has broken into lines, one behind the other", async () => {
    const first = '{\n  "a": [\n    "}",\n    "\\\\", "\\"{"\n  ]\n}';
    const second = '{ "b": {\n  }\n}';
    assert.deepEqual(await textsOf(`${first}\n\n${second}${second}\n{"c":1}\n[\n1\n]\n`), [
      [1, first, false],
      [8, second, false],
      [10, second, false],
      [13, '{"c":1}', false],
      [14, "[\n1\n]", false],
    ]);
  });

  test("the JSON texts of a file are found again behind a line that was torn", async () => {
    const line = '{"request":[{}]}';
    assert.deepEqual(await textsOf(`{"request":[\n${line}\n{"request":"a\n}\n${line}\n`), [
      [1, '{"request":[', false],
      [2, line, false],
      [3, '{"request":"a', false],
      [4, "}", false],
      [5, line, false],
    ]);
  });

  test("the JSON texts of a file are skipped when they are too long, and the others are read", async () => {
    const long = `{\n${'  "a": 1,\n'.repeat(10)}  "b": 2\n}`;
    assert.deepEqual(await textsOf(`${long}\n{"c":1}\n${long}\n${"x".repeat(50)}\n{}`, 45), [
      [1, undefined, false],
      [14, '{"c":1}', false],
      [15, undefined, false],
      [28, undefined, false],
      [29, "{}", true],
    ]);
  });

  test("the JSON texts of a file take at most a few times their length of memory, however short their lines are", async () => {
    const lines = Buffer.from("0,\n".repeat(10_000));
    const byteLength = 50 * lines.byteLength;
    const before = heapAndBufferBytes();
    let held = 0;
    async function* chunks() {
      yield Buffer.from("[\n");
      for (let sent = 0; sent < byteLength; sent += lines.byteLength) yield lines;
      held = heapAndBufferBytes() - before;
      yield Buffer.from("0]\n");
    }
    for await (const { bytes } of jsonTextsOf(chunks(), 2 * byteLength, () => false)) {
      assert.equal(bytes?.byteLength, byteLength + 5);
    }
    // Garbage that has not been collected counts too. Two buffers a line were 120 times the length.
    assert.ok(held < 10 * byteLength, `${held} bytes for ${byteLength}`);
  });

  test("the JSON texts of a file may end in the middle of a document", async () => {
    assert.deepEqual(await textsOf('{\n  "a": {\n'), [[1, '{\n  "a": {', true]]);
    assert.deepEqual(await textsOf('{\n  "a": {'), [[1, '{\n  "a": {', true]]);
  });
});
