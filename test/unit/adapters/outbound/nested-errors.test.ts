import assert from "node:assert/strict";
import { test } from "node:test";
import { nestedErrors } from "../../../../src/adapters/outbound/nested-errors.ts";

test("nested errors are the error, what it sums up and its causes, each once", () => {
  const cause = new Error("cause");
  const first = new Error("first", { cause });
  const second: Error = new Error("second");
  const sum = new AggregateError([first, second, "no error"], "sum", { cause });
  second.cause = sum;
  assert.deepEqual(
    [...nestedErrors(sum)].map(({ message }) => message),
    ["sum", "first", "cause", "second"],
  );
  assert.deepEqual([...nestedErrors("no error")], []);
});
