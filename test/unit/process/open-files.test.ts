import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fitToOpenFiles } from "../../../src/process/open-files.ts";

const asked = { maxConnections: 1_024, maxConnectionsPerClient: 512 };

describe("the bounds of connections", () => {
  it("the bounds of connections stay when the limit of open files is unknown or leaves room for them", () => {
    for (const limit of [undefined, 1_088, 20_000]) assert.deepEqual(fitToOpenFiles(asked, limit), asked);
  });

  it("the bounds of connections are what the limit leaves room for beside other files, with the same share for one client", () => {
    const fitted = { maxConnections: 960, maxConnectionsPerClient: 480 };
    assert.deepEqual(fitToOpenFiles(asked, 1_024), fitted);
    const alone = { maxConnections: 1_024, maxConnectionsPerClient: 1_024 };
    assert.deepEqual(fitToOpenFiles(alone, 256), { maxConnections: 192, maxConnectionsPerClient: 192 });
  });

  it("the bounds of connections leave one connection in any case", () => {
    assert.deepEqual(fitToOpenFiles(asked, 10), { maxConnections: 1, maxConnectionsPerClient: 1 });
  });
});
