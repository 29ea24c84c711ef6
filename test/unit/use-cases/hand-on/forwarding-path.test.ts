import assert from "node:assert/strict";
import { test } from "node:test";
import { ForwardingPath } from "../../../../src/use-cases/hand-on/forwarding-path.ts";
import { VirtualTimers } from "../../../support/virtual-timers.ts";

test("a server names itself, and the servers that exports came through", () => {
  const path = new ForwardingPath("me", new VirtualTimers());
  assert.equal(path.value, "me");
  for (const via of [undefined, "a", "b,a", " c , a ", ["d", "b"], "not an id,,é"]) {
    assert.equal(path.check(via), undefined);
  }
  assert.deepEqual(new Set(path.value.split(",")), new Set(["a", "b", "c", "d", "me"]));
});

test("a server refuses an export that names it", () => {
  for (const via of ["me", "a,me", "me ,b", ["a", "me"]]) {
    const path = new ForwardingPath("me", new VirtualTimers());
    assert.equal(path.check(via)?.code, "forwarding-loop");
    assert.equal(path.value, "me", "who sent it is not named");
  }
  const other = new ForwardingPath("me", new VirtualTimers());
  assert.equal(other.check("men,ame,ME"), undefined);
});

test("a server that sends nothing any more is forgotten after ten minutes", async () => {
  const timers = new VirtualTimers();
  const path = new ForwardingPath("me", timers);
  path.check("a");
  path.check("b");
  await timers.pass(590_000);
  path.check("a");
  await timers.pass(20_000);
  assert.equal(path.value, "a,me");
});

test("however many servers are named, the header field stays below 9 KB", () => {
  const path = new ForwardingPath("me", new VirtualTimers());
  for (let i = 0; i < 2_000; i++) path.check(`${"x".repeat(28)}${i}`.slice(-32));
  assert.ok(path.value.length < 9_000);
  assert.ok(path.value.includes("1999"), "the newest is named");
});
