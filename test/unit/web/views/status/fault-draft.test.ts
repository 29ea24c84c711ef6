import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyDraft, ruleOf, ruleText } from "../../../../../src/web/views/status/fault-draft.ts";

test("what a person types of a fault becomes a rule of FaultService", () => {
  const rules = [
    ruleOf({ ...emptyDraft, times: "3", signal: "traces", retryDelay: "1.5s", message: "later" }),
    ruleOf({ ...emptyDraft, fault: "partialSuccess", rejected: "0", message: "careful" }),
    ruleOf({ ...emptyDraft, fault: "delay", delay: "200ms" }),
    ruleOf({ ...emptyDraft, fault: "reset" }),
  ];
  assert.deepEqual(rules, [
    { times: 3, signal: "traces", status: "UNAVAILABLE", retryDelay: "1.500000000s", message: "later" },
    { times: 1, partialSuccess: { rejected: 0, message: "careful" } },
    { times: 1, delay: "0.200000000s" },
    { times: 1, reset: true },
  ]);
});

test("a fault that cannot be understood says what is wrong", () => {
  assert.match(String(ruleOf({ ...emptyDraft, times: "0" })), /from 1 on/);
  assert.match(String(ruleOf({ ...emptyDraft, times: "-1" })), /from 1 on/);
  assert.match(String(ruleOf({ ...emptyDraft, retryDelay: "soon" })), /such as 5s/);
  assert.match(String(ruleOf({ ...emptyDraft, fault: "delay", delay: "" })), /such as 2s/);
  assert.match(String(ruleOf({ ...emptyDraft, fault: "partialSuccess", rejected: "x" })), /whole number/);
});

test("a rule is told in words", () => {
  assert.equal(
    ruleText({ times: 2, signal: "logs", status: "RESOURCE_EXHAUSTED", retryDelay: "5s", message: "full" }),
    "the next 2 logs exports: refused with RESOURCE_EXHAUSTED, to be tried again after 5 s, saying “full”",
  );
  assert.equal(
    ruleText({ partialSuccess: { rejected: 4 } }),
    "the next export: kept, 4 items called rejected",
  );
  assert.equal(
    ruleText({ times: 2_000, partialSuccess: { rejected: 1 } }),
    "the next 2,000 exports: kept, 1 item called rejected",
  );
  assert.equal(ruleText({ times: 1, delay: "0.2s" }), "the next export: answered after 200 ms");
  assert.equal(ruleText({ reset: true }), "the next export: the connection is reset");
});
