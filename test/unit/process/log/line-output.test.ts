import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { describe, it } from "node:test";
import { LineOutput } from "../../../../src/process/log/line-output.ts";

/** A stream whose reader can stop, and whose writes can fail. */
function start() {
  const written: string[] = [];
  const lost: number[] = [];
  let isReading = true;
  let error: NodeJS.ErrnoException | null = null;
  let waiting: (() => void) | undefined;
  const stream = new Writable({
    autoDestroy: false,
    write: (chunk, _encoding, done) => {
      const take = () => {
        if (error === null) written.push(String(chunk));
        done(error);
      };
      if (isReading) take();
      else waiting = take;
    },
  });
  const output = new LineOutput(stream, (lines) => lost.push(lines));
  return {
    output,
    stream,
    written,
    lost,
    stop: () => {
      isReading = false;
    },
    resume: () => {
      isReading = true;
      waiting?.();
    },
    fail: (code: string | undefined) => {
      error = code === undefined ? null : Object.assign(new Error(code), { code });
    },
  };
}

const turn = () => new Promise(setImmediate);
const line = `${"x".repeat(99)}\n`;

describe("the output of the log", () => {
  it("the output of the log keeps 1 MiB while nobody reads, and tells how many further lines were lost when somebody does", async () => {
    const { output, stream, written, lost, stop, resume } = start();
    stop();
    for (let i = 0; i < 20_000; i++) output.write(line);
    assert.ok(stream.writableLength <= 2 ** 20, `${stream.writableLength}`);
    assert.deepEqual(lost, []);
    resume();
    await output.flush(AbortSignal.timeout(10_000));
    const kept = Math.floor(2 ** 20 / line.length);
    assert.deepEqual([written.length, lost], [kept, [20_000 - kept]]);
    output.write(line);
    await turn();
    assert.deepEqual([written.length, lost.length], [kept + 1, 1]);
  });

  it("the output of the log goes on after an error that passes, and counts the lines that it cost", async () => {
    const { output, stream, written, lost, fail } = start();
    fail("ENOSPC");
    output.write(line);
    await turn();
    assert.deepEqual([written, lost], [[], []]);
    // As `process.stdout` does after an error.
    (stream as Writable & { _undestroy: () => void })._undestroy();
    fail(undefined);
    output.write(line);
    await turn();
    assert.deepEqual([written.length, lost], [1, [1]]);
  });

  it("the output of the log writes no more when the reader has gone", async () => {
    const { output, stream, written, fail } = start();
    fail("EPIPE");
    output.write(line);
    await turn();
    (stream as Writable & { _undestroy: () => void })._undestroy();
    fail(undefined);
    output.write(line);
    await turn();
    assert.deepEqual(written, []);
    assert.equal(output.isFlushed, true);
  });

  it("the output of the log waits for its reader when it is flushed, until the abort", async () => {
    const { output, stop, resume } = start();
    stop();
    output.write(line);
    assert.equal(output.isFlushed, false);
    await output.flush(AbortSignal.abort());
    const abort = new AbortController();
    const aborted = output.flush(abort.signal);
    abort.abort();
    await aborted;
    let isFlushed = false;
    const flushed = output.flush(new AbortController().signal).then(() => {
      isFlushed = true;
    });
    await turn();
    assert.equal(isFlushed, false);
    resume();
    await flushed;
    assert.equal(output.isFlushed, true);
  });
});
