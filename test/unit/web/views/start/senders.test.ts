import assert from "node:assert/strict";
import { test } from "node:test";
import { senders } from "../../../../../src/web/views/start/senders.ts";

test("every language is told the address of this server, and no other", () => {
  for (const { language, lines } of senders("http://box:4319")) {
    assert.match(lines, /http:\/\/box:4319\b/, language);
    assert.doesNotMatch(lines, /localhost|:4317|:4318/, language);
  }
});
