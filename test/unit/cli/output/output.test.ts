import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { Output } from "../../../../src/cli/output/output.ts";

test("lines are made and written in batches of 64 KiB", async () => {
  const log: string[] = [];
  const stdout = new Writable({
    highWaterMark: 1,
    write: (chunk, _encoding, done) => {
      log.push(`wrote ${String(chunk).split("\n").length - 1}`);
      done();
    },
  });
  const output = new Output({ stdout, stderr: stdout, abort: new AbortController().signal });
  function* lines() {
    for (let i = 1; i <= 5; i++) {
      log.push(`made ${i}`);
      yield "x".repeat(40_000);
    }
  }
  await output.lines(lines());
  assert.deepEqual(log, ["made 1", "made 2", "wrote 2", "made 3", "made 4", "wrote 2", "made 5", "wrote 1"]);
});
