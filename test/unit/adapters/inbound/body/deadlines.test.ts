import assert from "node:assert/strict";
import { test } from "node:test";
import { Deadlines } from "../../../../../src/adapters/inbound/body/deadlines.ts";

test("something overdue that is deleted by another one in the same sweep is not told", async () => {
  const deadlines = new Deadlines();
  const told: string[] = [];
  await new Promise<void>((resolve) => {
    const due = (name: string, other: () => { dueMs: number; overdue(): void }) => ({
      dueMs: 0,
      overdue: () => {
        told.push(name);
        deadlines.delete(other());
        resolve();
      },
    });
    const first: { dueMs: number; overdue(): void } = due("first", () => second);
    const second: { dueMs: number; overdue(): void } = due("second", () => first);
    deadlines.add(first);
    deadlines.add(second);
    // A timer without anything else to wait for does not keep the process up.
    const up = setInterval(() => told.length > 0 && clearInterval(up), 5);
  });
  assert.equal(told.length, 1);
});

test("what is deleted is not told when its time has come, and what is left is", async () => {
  const deadlines = new Deadlines();
  const told: string[] = [];
  const due = (name: string, dueMs: number) => ({ dueMs, overdue: () => void told.push(name) });
  const [deleted, left, later] = [due("deleted", 0), due("left", 0), due("later", Number.POSITIVE_INFINITY)];
  for (const each of [deleted, left, later]) deadlines.add(each);
  deadlines.delete(deleted);
  await new Promise<void>((resolve) => {
    const up = setInterval(() => {
      if (told.length === 0) return;
      clearInterval(up);
      resolve();
    }, 5);
  });
  assert.deepEqual(told, ["left"]);
  deadlines.delete(later);
});
