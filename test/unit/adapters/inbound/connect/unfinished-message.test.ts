import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UnfinishedMessage } from "../../../../../src/adapters/inbound/connect/unfinished-message.ts";
import { frame } from "../../../../support/raw-grpc.ts";

describe("UnfinishedMessage", () => {
  const messages = Buffer.concat([frame(Buffer.alloc(0)), frame(Buffer.alloc(3)), frame(Buffer.alloc(300))]);

  it("the bytes since the last whole message are counted, however the stream is cut into chunks", () => {
    for (let size = 1; size <= messages.byteLength; size++) {
      const unfinished = new UnfinishedMessage();
      for (let at = 0; at < messages.byteLength; at += size) {
        const end = Math.min(at + size, messages.byteLength);
        unfinished.add(messages.subarray(at, end));
        const begun = end < 5 ? 0 : end < 13 ? 5 : end < messages.byteLength ? 13 : end;
        assert.equal(unfinished.byteLength, end - begun, `${size} bytes at a time, at ${end}`);
      }
    }
  });

  it("the end of a message in a stream is seen", () => {
    const unfinished = new UnfinishedMessage();
    assert.equal(unfinished.add(messages.subarray(0, 4)), false);
    assert.equal(unfinished.add(messages.subarray(4, 6)), true);
    assert.equal(unfinished.add(messages.subarray(6, 20)), true);
    assert.equal(unfinished.add(messages.subarray(20, 30)), false);
  });
});
