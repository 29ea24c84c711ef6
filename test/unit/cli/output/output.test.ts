import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { describe, test } from "node:test";
import { Output } from "../../../../src/cli/output/output.ts";

test("lines of output are made and written in batches of 64 KiB", async () => {
  const log: string[] = [];
  const stdout = new Writable({
    highWaterMark: 1,
    write: (chunk, _encoding, done) => {
      log.push(`wrote ${String(chunk).split("\n").length - 1}`);
      done();
    },
  });
  const output = new Output({ stdout, stderr: stdout, env: {}, abort: new AbortController().signal });
  function* lines() {
    for (let i = 1; i <= 5; i++) {
      log.push(`made ${i}`);
      yield "x".repeat(40_000);
    }
  }
  await output.lines(lines());
  assert.deepEqual(log, ["made 1", "made 2", "wrote 2", "made 3", "made 4", "wrote 2", "made 5", "wrote 1"]);
});

describe("the width of lines is", () => {
  for (const [what, stdout, env, columns] of [
    ["that of the terminal", { isTTY: true, columns: 120 }, { COLUMNS: "60" }, 120],
    ["COLUMNS on a terminal of 0 columns", { isTTY: true, columns: 0 }, { COLUMNS: "60" }, 60],
    ["80 on a terminal of 0 columns without COLUMNS", { isTTY: true, columns: 0 }, {}, 80],
    ["80 when COLUMNS is no width", { isTTY: true, columns: 0 }, { COLUMNS: "-1" }, 80],
    ["80 on a terminal that does not say its columns", { isTTY: true }, {}, 80],
    ["not bounded without a terminal", {}, { COLUMNS: "60" }, Number.POSITIVE_INFINITY],
  ] as const) {
    test(`the width of lines is ${what}`, () => {
      const stream = Object.assign(new Writable(), stdout);
      const { signal: abort } = new AbortController();
      assert.equal(new Output({ stdout: stream, stderr: stream, env, abort }).view.columns, columns);
    });
  }
});
