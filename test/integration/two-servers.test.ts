import assert from "node:assert/strict";
import { test } from "node:test";
import { logsOf, spansOf } from "../contract/store-requests.ts";
import { send } from "../support/ingest.ts";
import { query, startObsvty, statsOf } from "../support/obsvty.ts";

test("two servers in one process share neither items, counts nor cursors", async (t) => {
  const first = await startObsvty(t);
  const second = await startObsvty(t);
  send(first, "traces", spansOf(3));
  send(second, "logs", logsOf(2));
  assert.equal((await query(first, "SearchSpans")).spans.length, 3);
  assert.equal((await query(second, "SearchSpans")).spans.length, 0);
  assert.deepEqual([(await statsOf(first)).logs.accepted, (await statsOf(second)).logs.accepted], [0, 2]);
  const { cursor } = await query(first, "GetStats");
  await assert.rejects(query(second, "SearchSpans", { after: cursor }), /400 .*after: the cursor is from/);
  await first.close();
  assert.equal((await query(second, "SearchLogs")).logs.length, 2);
});
