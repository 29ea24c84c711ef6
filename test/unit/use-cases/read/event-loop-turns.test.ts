import assert from "node:assert/strict";
import { test } from "node:test";
import { nextTurn } from "../../../../src/use-cases/read/event-loop-turns.ts";

test("one reader has the thread in each turn of the event loop, in the order of asking", async () => {
  const seen: [reader: string, turn: number][] = [];
  let turn = 0;
  let isReading = true;
  const countTurn = () => {
    turn += 1;
    if (isReading) setImmediate(countTurn);
  };
  setImmediate(countTurn);
  const read = async (reader: string) => {
    for (let i = 0; i < 2; i++) {
      await nextTurn();
      seen.push([reader, turn]);
    }
  };
  await Promise.all([read("a"), read("b"), read("c")]);
  isReading = false;
  assert.deepEqual(
    seen.map(([reader]) => reader),
    ["a", "b", "c", "a", "b", "c"],
  );
  assert.equal(new Set(seen.map(([, at]) => at)).size, seen.length);
});
