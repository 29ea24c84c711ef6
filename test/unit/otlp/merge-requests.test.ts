import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { mergeRequests } from "../../../src/otlp/merge-requests.ts";
import { requestSchemas } from "../../../src/otlp/services.ts";
import { encode, logsOf } from "../../contract/store-requests.ts";

const bodies = [1, 2, 3].map((count) => encode("logs", logsOf(count, { seed: count })));
const accepted = (bytes: Uint8Array) => ({ firstOrdinal: 0, items: 1, bytes });

test("requests of separate buffers become one request with the items of all", () => {
  const merged = fromBinary(requestSchemas.logs, mergeRequests(bodies.map(accepted)));
  assert.deepEqual(
    merged.resourceLogs.map(({ scopeLogs }) => scopeLogs[0]!.logRecords.length),
    [1, 2, 3],
  );
});

test("requests side by side in one buffer are merged without a copy", () => {
  const buffer = new Uint8Array(Buffer.concat([Buffer.from("before"), ...bodies, Buffer.from("behind")]));
  let at = 6;
  const requests = bodies.map(({ byteLength }) => {
    at += byteLength;
    return accepted(buffer.subarray(at - byteLength, at));
  });
  const merged = mergeRequests(requests);
  assert.equal(merged.buffer, buffer.buffer);
  assert.deepEqual(Buffer.from(merged), Buffer.concat(bodies));
  assert.deepEqual(Buffer.from(mergeRequests(requests.toReversed())), Buffer.concat(bodies.toReversed()));
});

test("no requests merge into an empty one", () => {
  assert.equal(mergeRequests([]).byteLength, 0);
});
