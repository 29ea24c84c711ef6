import assert from "node:assert/strict";
import { test } from "node:test";
import { troubleOf } from "../../../../src/web/api/server-trouble.ts";

test("what is wrong with the server is told apart from what is wrong with what was asked", () => {
  const asked = [
    ["invalid_argument", 400],
    ["not_found", 404],
    ["unauthenticated", 401],
    ["unimplemented", 501],
    ["deadline_exceeded", 504],
    ["internal", 500],
  ] as const;
  for (const [code, status] of asked) assert.equal(troubleOf(code, "words", status, null), undefined, code);
  const tooLong = "a request to this service has at most 65536 bytes, also when inflated";
  assert.equal(troubleOf("resource_exhausted", tooLong, 429, null), undefined);
  assert.equal(
    troubleOf("permission_denied", "not from here", 403, null)?.text,
    "The server does not let this page read: not from here.",
  );
  assert.equal(
    troubleOf("unavailable", "the server is stopping", 503, null)?.text,
    "The server cannot answer now: the server is stopping. The page tries again each second.",
  );
  assert.match(troubleOf("unknown", "", 502, null)?.text ?? "", /HTTP 502/);
});

test("the page tries again when the server says, and within a minute", () => {
  const after = (header: string | null) => troubleOf("resource_exhausted", "busy", 429, header, 0)?.againMs;
  assert.deepEqual(
    [null, "3", "0", "9999", "soon", "Thu, 01 Jan 1970 00:00:20 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"].map(
      after,
    ),
    [1_000, 3_000, 1_000, 60_000, 1_000, 20_000, 1_000],
  );
  assert.match(troubleOf("resource_exhausted", "busy", 429, "3", 0)?.text ?? "", /busy\. .* in 3 seconds\.$/);
});
