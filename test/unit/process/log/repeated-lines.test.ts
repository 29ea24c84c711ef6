import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { RepeatedLines } from "../../../../src/process/log/repeated-lines.ts";

function start(t: TestContext) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000 });
  const written: Record<string, unknown>[] = [];
  const lines = new RepeatedLines((line) => {
    assert.match(line, /^\{.*\}\n$/);
    written.push(JSON.parse(line));
  });
  const log = (level: number, fields: object, msg?: string) =>
    lines.add(`${JSON.stringify({ level, time: Date.now(), ...fields, msg })}\n`);
  /** What was written since the last call. */
  const taken = () => written.splice(0);
  return { lines, log, taken, pass: (ms: number) => t.mock.timers.tick(ms) };
}

const refused = (i = 0) => ({ code: "over-rate", path: `/${i}`, reason: 'with "msg": inside' });

describe("a line that comes again", () => {
  it("a log line that comes again is written at once, and then every second with the number of repetitions, while they go on", (t) => {
    const { log, taken, pass } = start(t);
    const line = { level: 40, ...refused(), msg: "refused" };
    log(40, refused(), "refused");
    assert.deepEqual(taken(), [{ ...line, time: 1_000 }]);
    for (let i = 0; i < 5_000; i++) log(40, refused(), "refused");
    assert.deepEqual(taken(), []);
    pass(1_000);
    assert.deepEqual(taken(), [{ ...line, time: 2_000, repeated: 5_000 }]);
    pass(999);
    log(40, refused(), "refused");
    pass(1);
    assert.deepEqual(taken(), [{ ...line, time: 3_000, repeated: 1 }]);
  });

  it("a log line that comes again is written anew when it has not come for a second", (t) => {
    const { log, taken, pass } = start(t);
    log(40, refused(), "refused");
    pass(1_000);
    log(40, refused(), "refused");
    assert.deepEqual(
      taken().map(({ time }) => time),
      [1_000, 2_000],
    );
  });

  it("the repetitions of a log line are told when the log is flushed", (t) => {
    const { lines, log, taken } = start(t);
    for (let i = 0; i < 3; i++) log(30, { a: 1 }, "x");
    lines.tell();
    assert.deepEqual(
      taken().map(({ repeated }) => repeated),
      [undefined, 2],
    );
  });

  it("log lines differ by level, fields and message, and need none of the latter two", (t) => {
    const { log, taken } = start(t);
    for (let i = 0; i < 2; i++) {
      log(40, refused(1), "refused");
      log(50, refused(1), "refused");
      log(40, refused(2), "refused");
      log(40, refused(1), "failed");
      log(40, {});
    }
    assert.equal(taken().length, 5);
  });
});

describe("different lines with one message", () => {
  it("different log lines with one message are at most 64 in a second, the others are counted, and other messages are written", (t) => {
    const { log, taken, pass } = start(t);
    for (let i = 0; i < 10_000; i++) log(40, refused(i), "refused");
    assert.equal(taken().length, 64);
    log(40, {}, "stopped");
    log(50, refused(), "refused");
    assert.deepEqual(
      taken().map(({ level, msg }) => [level, msg]),
      [
        [40, "stopped"],
        [50, "refused"],
      ],
    );
    pass(1_000);
    assert.deepEqual(taken(), [{ level: 40, time: 2_000, omitted: 9_936, msg: "refused" }]);
    log(40, refused(70), "refused");
    assert.equal(taken().length, 1);
  });

  it("different log lines have bounded room also when their messages differ", (t) => {
    const { log, taken, pass } = start(t);
    for (let i = 0; i < 1_000; i++) log(40, {}, `message ${i}`);
    assert.equal(taken().length, 256 + 64);
    pass(1_000);
    assert.deepEqual(taken(), [{ level: 40, time: 2_000, omitted: 680 }]);
  });
});
