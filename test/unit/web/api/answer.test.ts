import assert from "node:assert/strict";
import { test } from "node:test";
import { messageOf, refusalOf } from "../../../../src/web/api/answer.ts";

const json = (body: string) => new Response(body, { headers: { "content-type": "application/json" } });

test("an answer is a message when it is an object of JSON and no body of an error", async () => {
  assert.deepEqual(await messageOf(json('{"traces":[]}')), { traces: [] });
  for (const body of ["null", "[]", '"text"', "5", '{"code":"internal","message":"no"}', '{"error":{}}']) {
    assert.equal(await messageOf(json(body)), undefined, body);
  }
  const login = new Response("<h1>Log in</h1>", { headers: { "content-type": "text/html" } });
  assert.equal(await messageOf(login), undefined);
  assert.equal(await messageOf(new Response(null, { status: 204 })), undefined);
  await assert.rejects(messageOf(json('{"traces":[')));
});

test("a refusal has a code and words, and of long words their begin", async () => {
  assert.deepEqual(await refusalOf(json('{"code":"internal"}')), { code: "internal", message: "" });
  const long = await refusalOf(json(JSON.stringify({ code: "unavailable", message: "x".repeat(1_000_000) })));
  assert.equal(long?.message, `${"x".repeat(500)}…`);
  for (const body of [
    "",
    "null",
    "[]",
    "5",
    "<p>",
    '{"code":5,"message":"a"}',
    '{"code":"a","message":{}}',
  ]) {
    assert.equal(await refusalOf(json(body)), undefined, body);
  }
});
