import assert from "node:assert/strict";
import { test } from "node:test";
import { limitRows, reasonsOf } from "../../../../../src/web/views/status/limit-rows.ts";

test("limits are shown with what is used of them, and those that refuse calls are marked when they are near", () => {
  const rows = limitRows({
    MAX_BUFFER_SIZE: { used: "10000", most: "10000" },
    MAX_BUFFER_BYTES: { used: "0", most: "1073741824" },
    MAX_QUERY_BYTES: { used: "60397978", most: "67108864" },
    MAX_CONNECTIONS: { used: "3", most: "1024" },
    MAX_OF_A_LATER_SERVER: { used: "1", most: "2" },
  });
  assert.deepEqual(
    rows.map(({ setting, text, isNear }) => [setting, text, isNear]),
    [
      ["MAX_CONNECTIONS", "3 of 1,024", false],
      ["MAX_QUERY_BYTES", "57.6 MiB of 64 MiB", true],
      ["MAX_BUFFER_SIZE", "10,000 of 10,000", false],
      ["MAX_BUFFER_BYTES", "0 B of 1 GiB", false],
    ],
  );
  assert.equal(rows[2]?.part, 1);
  assert.deepEqual(limitRows(undefined), []);
});

test("reasons are shown with their counts, the most frequent first", () => {
  const counts = {
    "time_unix_nano must be set": "1",
    constructor: "7",
    "trace_id must not be all zero": "1200",
  };
  assert.deepEqual(reasonsOf(counts, "item"), [
    "1,200 items: trace_id must not be all zero",
    "7 items: constructor",
    "1 item: time_unix_nano must be set",
  ]);
  assert.deepEqual(reasonsOf(undefined, "item"), []);
});
