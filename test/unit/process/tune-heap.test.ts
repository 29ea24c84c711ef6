import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

const module = new URL("../../../src/process/tune-heap.ts", import.meta.url);

/** Bytes of the young generation of a process, most of the time, while much is allocated that stays for a while. */
function youngBytes(memoryBytes: number): number {
  const script = `
    import { getHeapSpaceStatistics } from "node:v8";
    import { allowGrowth, tuneHeap } from ${JSON.stringify(module.href)};
    tuneHeap();
    allowGrowth(${memoryBytes});
    const sizes = [];
    let kept = [];
    for (let i = 0; i < 3_000_000; i++) {
      kept.push({ i });
      if (kept.length < 200_000) continue;
      kept = [];
      const spaces = getHeapSpaceStatistics().filter(({ space_name }) => space_name === "new_space");
      sizes.push(spaces[0].space_size);
    }
    sizes.sort((a, b) => a - b);
    console.log(sizes[sizes.length >> 1]);
  `;
  const args = ["--input-type=module", "--eval", script];
  return Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

test("the young generation of the heap grows under load where there is ample memory, and stays small elsewhere", () => {
  const [small, ample] = [2 ** 29, 2 ** 33].map(youngBytes) as [number, number];
  assert.ok(ample >= 2 * small, `${ample} bytes with ample memory, ${small} with little`);
});

test("V8 optimizes no function until growth is allowed, so that an idle server has not loaded its compilers", () => {
  assert.deepEqual(optimizedBeforeAndAfter(10_000), [false, true]);
});

test("V8 optimizes nothing where whoever starts Node has chosen so", () => {
  for (const flags of [
    ["--no-turbofan", "--no-maglev"],
    ["--no_turbofan", "--no_maglev"],
  ]) {
    assert.deepEqual(optimizedBeforeAndAfter(100, ...flags), [false, false]);
  }
});

/** Whether V8 has optimized a function that runs often before growth is allowed, and whether it does afterwards. */
function optimizedBeforeAndAfter(turnsAfter: number, ...flags: readonly string[]): readonly boolean[] {
  const script = `
    import { setImmediate as nextTurn } from "node:timers/promises";
    import { allowGrowth, tuneHeap } from ${JSON.stringify(module.href)};
    const hotFunction = (n) => n * 3 + (n % 7);
    // The bits that V8 sets for a function that Maglev or TurboFan has optimized.
    const isOptimized = () => (%GetOptimizationStatus(hotFunction) & 48) !== 0;
    const runOften = async (turns) => {
      for (let turn = 0; turn < turns && !isOptimized(); turn++) {
        for (let i = 0; i < 100_000; i++) hotFunction(i);
        await nextTurn();
      }
      return isOptimized();
    };
    tuneHeap();
    const before = await runOften(100);
    allowGrowth(${2 ** 33});
    // V8 compiles on another thread, which may wait for a busy machine.
    console.log(JSON.stringify([before, await runOften(${turnsAfter})]));
  `;
  const args = ["--allow-natives-syntax", ...flags, "--input-type=module", "--eval", script];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
}
