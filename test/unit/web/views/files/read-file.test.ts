import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { fileRequests } from "../../../../../src/web/views/files/read-file.ts";

const json = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"}]}]}]}';

async function all(bytes: string | Uint8Array<ArrayBuffer>) {
  const found: string[][] = [];
  for await (const { signal, contentType } of fileRequests(new Blob([bytes]), () => {}))
    found.push([signal, contentType]);
  return found;
}

test("the form of a file is told by its content, also behind white space, a mark or gzip, and in UTF-16", async () => {
  const expected = [["traces", "application/json"]];
  assert.deepEqual(await all(json), expected);
  assert.deepEqual(await all(`\ufeff\n  ${json}\n`), expected);
  assert.deepEqual(await all(new Uint8Array(gzipSync(json))), expected);
  const utf16 = Buffer.from(`\ufeff${json}`, "utf16le");
  assert.deepEqual(await all(new Uint8Array(utf16)), expected);
  assert.deepEqual(await all(new Uint8Array(utf16.swap16())), expected);
});

test("a compressed file is read where streams cannot be iterated over, as in Safari", async (t) => {
  const { prototype } = ReadableStream;
  const iterate = prototype[Symbol.asyncIterator];
  t.after(() => {
    prototype[Symbol.asyncIterator] = iterate;
  });
  Reflect.deleteProperty(prototype, Symbol.asyncIterator);
  assert.deepEqual(await all(new Uint8Array(gzipSync(json))), await all(json));
});

test("what is neither JSON nor protobuf, and a damaged gzip, are told", async () => {
  await assert.rejects(all("hello"), /it is neither JSON nor protobuf of OTLP/);
  await assert.rejects(all(new Uint8Array(gzipSync(json).subarray(0, 30))), /its gzip is damaged/);
  const two = new Uint8Array([...gzipSync(json), ...gzipSync(json)]);
  await assert.rejects(all(two), /several in one; "obsvty replay" takes the latter/);
});
