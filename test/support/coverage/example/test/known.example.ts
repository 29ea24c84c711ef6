import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { nameOf } from "../src/known.ts";

test("a circle has a name", () => {
  assert.equal(nameOf({ kind: "circle", size: 1 }), "circle of 1");
});

test("a process that the test starts counts too", () => {
  assert.equal(execFileSync(process.execPath, ["src/main.ts"], { encoding: "utf8" }), "2");
});
