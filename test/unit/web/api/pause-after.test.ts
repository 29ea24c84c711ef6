import assert from "node:assert/strict";
import { test } from "node:test";
import { pauseAfter } from "../../../../src/web/api/pause-after.ts";

test("the page asks as often as it is told while answers come soon, and less often when they take long", () => {
  assert.equal(pauseAfter(500, 120), 500);
  assert.equal(pauseAfter(500, 130), 500);
  assert.equal(pauseAfter(500, 170), 2_500);
  assert.equal(pauseAfter(500, 60_000), 10_000);
  assert.equal(pauseAfter(60_000, 5_000), 60_000);
  // A shorter way to the server is known from then on.
  assert.equal(pauseAfter(500, 20), 500);
  assert.equal(pauseAfter(500, 120), 5_000);
});
