import assert from "node:assert/strict";
import { test } from "node:test";
import { dateForm, dateFormOf, listTime, loneTime, tickTimes } from "../../../../src/web/format/dates.ts";
import { parseTime } from "../../../../src/web/format/time.ts";

const nanos = (text: string) => parseTime(text) ?? 0n;
const nowMs = Date.parse("2026-11-28T10:00:00Z");

test("times have no date when all are today, in the zone that is shown", () => {
  const of = (...times: string[]) => dateFormOf(times, "utc", nowMs);
  assert.equal(of("2026-11-28T00:00:00Z", "2026-11-28T23:59:59.999999999Z"), "no-date");
  assert.equal(of("2026-11-28T09:00:00Z", "2026-11-27T23:59:59Z"), "day");
  assert.equal(of("2026-11-27T09:00:00Z", "2026-11-27T10:00:00Z"), "day");
  assert.equal(of("2026-11-29T00:00:00Z"), "day");
  assert.equal(of("2025-12-31T23:59:59Z", "2026-11-28T09:00:00Z"), "year");
  assert.equal(of(), "no-date");
  const midnight = BigInt(new Date(2026, 10, 28).getTime()) * 1_000_000n;
  const localNowMs = new Date(2026, 10, 28, 12).getTime();
  assert.equal(dateForm(midnight, midnight, "local", localNowMs), "no-date");
  assert.equal(dateForm(midnight - 1n, midnight, "local", localNowMs), "day");
});

test("a time of a list has as much of its date as the list needs, and is as long as the others", () => {
  const time = nanos("2026-03-07T10:00:00.123456789Z");
  assert.equal(listTime(time, "utc", "no-date"), "10:00:00.123");
  assert.equal(listTime(time, "utc", "day"), "07 Mar 10:00:00.123");
  assert.equal(listTime(time, "utc", "year"), "07 Mar 2026 10:00:00.123");
  assert.equal(loneTime(time, "utc", nowMs), "07 Mar 10:00:00.123");
  assert.equal(loneTime(nanos("2026-11-28T09:00:00Z"), "utc", nowMs), "09:00:00.000");
});

test("of the ticks of an axis the first of each day has its date, unless all are today", () => {
  const ticks = (step: bigint, ...times: string[]) => tickTimes(times.map(nanos), step, "utc", nowMs);
  const hour = 3_600_000_000_000n;
  assert.deepEqual(ticks(hour, "2026-11-28T08:00:00Z", "2026-11-28T09:00:00Z"), ["08:00:00", "09:00:00"]);
  assert.deepEqual(ticks(hour, "2026-11-27T22:00:00Z", "2026-11-27T23:00:00Z", "2026-11-28T00:00:00Z"), [
    "27 Nov 22:00",
    "23:00",
    "28 Nov 00:00",
  ]);
  assert.deepEqual(ticks(24n * hour, "2025-12-31T00:00:00Z", "2026-01-01T00:00:00Z"), [
    "31 Dec 2025",
    "01 Jan 2026",
  ]);
  assert.deepEqual(ticks(1_000_000n, "2026-11-28T08:00:00.001Z"), ["08:00:00.001"]);
  assert.deepEqual(ticks(hour), []);
});
