import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { AfterLoad } from "../../../src/process/give-memory-back.ts";

const module = new URL("../../../src/process/give-memory-back.ts", import.meta.url);

/** Whether memory is saved after each look, for shares of a core; `collected` says that V8 has collected. */
function saved(steps: readonly (number | "collected")[]): readonly boolean[] {
  const afterLoad = new AfterLoad();
  return steps.map((step) => {
    if (step === "collected") afterLoad.collected();
    else afterLoad.look(step);
    return afterLoad.saves;
  });
}

const calm = (looks: number) => Array<number>(looks).fill(0.05);

test("a server that has had no load yet saves no memory", () => {
  assert.ok(saved(calm(1_000)).every((saves) => !saves));
});

test("memory is saved for some time once many looks in a row have found the server calm after a load", () => {
  const saves = saved([0.9, ...calm(200)]);
  assert.equal(saves.indexOf(true), 40);
  assert.equal(saves.lastIndexOf(true), 99);
  assert.equal(saves.filter(Boolean).length, 60);
});

test("a pause within a load is not its end", () => {
  assert.ok(saved([0.9, ...calm(39), 0.2, ...calm(39), 0.9]).every((saves) => !saves));
});

test("saving of memory ends with the first look that finds load, and begins again after it", () => {
  const saves = saved([0.9, ...calm(45), 0.9, ...calm(45)]);
  assert.deepEqual([saves[45], saves[46], saves[85], saves[86]], [true, false, false, true]);
});

test("V8's own collections are not taken for load, and the second is the last that is needed", () => {
  const saves = saved([0.9, ...calm(40), 0.3, "collected", 0.3, "collected", ...calm(200)]);
  assert.deepEqual(saves.slice(40, 45), [true, true, true, true, false]);
  assert.equal(saves.lastIndexOf(true), 43);
});

test("collections during a load do not count", () => {
  const saves = saved(["collected", 0.9, "collected", "collected", ...calm(40)]);
  assert.equal(saves.at(-1), true);
});

test("the garbage of a load goes back to the system while a little is allocated all the time", () => {
  const script = `
    import { getHeapStatistics } from "node:v8";
    import { setTimeout as wait } from "node:timers/promises";
    import { giveMemoryBackAfterLoad } from ${JSON.stringify(module.href)};
    giveMemoryBackAfterLoad(20);
    let kept = [];
    const until = performance.now() + 500;
    while (performance.now() < until || kept.length < 400_000) kept.push({ at: performance.now() });
    const most = getHeapStatistics().total_heap_size;
    kept = [];
    const turns = [];
    while (getHeapStatistics().total_heap_size > most / 2) {
      turns.push({ at: performance.now() });
      await wait(10);
    }
    console.log("given back");
  `;
  // V8 waits 8 seconds before it decides. Only the newest versions let it be told to wait for less.
  const args = ["--memory-reducer-delay-ms=200", "--gc-memory-reducer-start-delay-ms=0"];
  const output = execFileSync(process.execPath, [...args, "--input-type=module", "--eval", script], {
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.equal(output.trim(), "given back");
});
