import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { flagDefaults, maxCount } from "../../../../src/cli/flags/defaults.ts";
import { parseDuration } from "../../../../src/cli/flags/duration.ts";
import { readLimits } from "../../../../src/use-cases/read/limits.ts";

// The command line shares no source with the server.
describe("the numbers of the command line and those of the server", () => {
  it("the command line's defaults are those of the API", () => {
    assert.equal(flagDefaults.limit, readLimits.limit.default);
    assert.equal(flagDefaults.values, readLimits.values.default);
    assert.equal(flagDefaults.maxItems, readLimits.lookedAt.default);
    assert.equal(flagDefaults.buckets, readLimits.buckets.default);
    assert.equal(flagDefaults.minCount, readLimits.minCount.default);
    assert.equal(parseDuration(flagDefaults.waitTimeout), BigInt(readLimits.timeoutMs.default) * 1_000_000n);
  });

  it("the command line asks for as many items and traces as the server answers at most", () => {
    assert.deepEqual([maxCount, maxCount], [readLimits.limit.max, readLimits.minCount.max]);
  });
});
