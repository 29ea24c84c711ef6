import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLoopTurns } from "../../../src/use-cases/event-loop-turns.ts";

test("each turn of the event loop goes to one reader, in the order in which they asked", async () => {
  const turns = new EventLoopTurns();
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
      await turns.next();
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

test("readers of one core do not wait for readers of another core", async () => {
  const busy = new EventLoopTurns();
  const idle = new EventLoopTurns();
  let served = 0;
  const queue = Array.from({ length: 50 }, () => busy.next().then(() => served++));
  await idle.next();
  assert.ok(served <= 1, `${served} readers of the other core came first`);
  await Promise.all(queue);
});
