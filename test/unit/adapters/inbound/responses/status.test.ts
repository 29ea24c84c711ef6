import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorStatus } from "../../../../../src/adapters/inbound/responses/status.ts";
import { type ErrorCode, errorCodes } from "../../../../../src/domain/errors.ts";

/**
 * What callers are promised: the code of gRPC and Connect, that of HTTP, and the google.rpc.Status code in an
 * OTLP/HTTP body.
 */
const promised: readonly (readonly [ErrorCode, number, number, number])[] = [
  ["not-the-message", 3, 400, 3],
  ["too-large", 8, 413, 8],
  ["over-rate", 8, 429, 8],
  ["too-many-watchers", 8, 429, 8],
  ["answers-too-large", 8, 429, 8],
  ["overloaded", 14, 503, 14],
  ["stopping", 14, 503, 14],
  ["unknown-encoding", 12, 415, 12],
  ["corrupt-encoding", 13, 400, 3],
  ["unauthenticated", 16, 401, 16],
  ["permission-denied", 7, 403, 7],
  ["deadline-passed", 4, 504, 4],
  ["unknown-method", 12, 404, 12],
  ["method-not-allowed", 12, 405, 12],
  ["unsupported-media-type", 3, 415, 3],
  ["internal", 13, 500, 13],
];

describe("the status table", () => {
  for (const [code, number, http, rpc] of promised) {
    it(`the status table has the promised row for ${code}`, () => {
      const status = errorStatus[code];
      assert.deepEqual([status.code, status.http, status.rpc], [number, http, rpc]);
    });
  }

  it("every HTTP status in the status table is an error", () => {
    for (const code of errorCodes) {
      const { http } = errorStatus[code];
      assert.ok(http >= 400 && http < 600);
    }
  });
});
