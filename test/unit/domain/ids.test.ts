import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseTraceId } from "../../../src/domain/ids.ts";
import { refusal } from "../../support/refusal.ts";

describe("parseTraceId", () => {
  it("a trace id is 32 hex digits in any case", () => {
    const id = "5B8efff798038103d269b633813fc60C";
    assert.equal(parseTraceId(id, "trace_id"), id.toLowerCase());
  });

  for (const text of ["", "abc", "g".repeat(32), "a".repeat(31), "a".repeat(33), `${"a".repeat(32)}\n`]) {
    it(`${JSON.stringify(text)} is refused as a trace id`, () => {
      assert.throws(
        () => parseTraceId(text, "filter.trace_id"),
        refusal("filter.trace_id: a trace id is 32 hex digits"),
      );
    });
  }

  it("an all-zero trace id is refused, since it names no trace", () => {
    assert.throws(
      () => parseTraceId("0".repeat(32), "filter.trace_id"),
      refusal("filter.trace_id: an all-zero id names no trace"),
    );
  });
});
