import assert from "node:assert/strict";
import { test } from "node:test";
import { spanNodes } from "../../../../../src/web/views/trace/span-nodes.ts";
import { lostSpans, wentText } from "../../../../../src/web/views/trace/went.ts";

const nodesOf = (...ids: string[]) => spanNodes({ spans: ids.map((spanId) => ({ spanId })) });

test("the spans that are shown and not held any more are counted, also those that share an id", () => {
  assert.equal(lostSpans(nodesOf("a", "b", "b", "c"), nodesOf("b", "c", "d")), 2);
  assert.equal(lostSpans(nodesOf("a"), nodesOf("b", "a")), 0);
});

test("what became of spans that are shown is told in words", () => {
  assert.equal(
    wentText({ lost: 1_400, added: 0, how: "evicted" }, 80_001),
    "1,400 of the 80,001 spans shown here were evicted while the trace was open. They stay here until the view is left. " +
      "Links to this trace, its download and its curl command find only the 78,601 spans that the server holds.",
  );
  assert.equal(
    wentText({ lost: 2, added: 0, how: "cleared" }, 2),
    "All 2 spans shown here were cleared while the trace was open. They stay here until the view is left. " +
      "Links to this trace, its download and its curl command find nothing.",
  );
  assert.equal(
    wentText({ lost: 1, added: 0, how: "evicted or cleared" }, 1),
    "The span shown here was evicted or cleared while the trace was open. It stays here until the view is left. " +
      "Links to this trace, its download and its curl command find nothing.",
  );
  assert.match(
    wentText({ lost: 1, added: 0, how: "evicted" }, 3),
    /^1 of the 3 spans shown here was evicted .* It stays/,
  );
  assert.match(wentText({ lost: 2, added: 1, how: "cleared" }, 2), / 1 span came since and is not shown\. /);
});
