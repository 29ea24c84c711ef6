import assert from "node:assert/strict";
import { test } from "node:test";
import { endOfStream, enveloped, envelopes } from "../../../../src/web/api/envelopes.ts";

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

test("the messages of a stream are read wherever its pieces begin and end", async () => {
  const end = enveloped("{}");
  end[0] = endOfStream;
  const stream = Buffer.concat([enveloped('{"a":1}'), enveloped(""), end]);
  for (const size of [1, 2, 5, 7, stream.length]) {
    const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, i) =>
      stream.subarray(i * size, (i + 1) * size),
    );
    const found: object[] = [];
    for await (const message of envelopes(each(pieces))) found.push(message);
    assert.deepEqual(found, [
      { flags: 0, text: '{"a":1}' },
      { flags: 0, text: "" },
      { flags: 2, text: "{}" },
    ]);
  }
});
