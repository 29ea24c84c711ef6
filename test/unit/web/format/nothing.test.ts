import assert from "node:assert/strict";
import { test } from "node:test";
import { nothingText, wentText } from "../../../../src/web/format/nothing.ts";

test("an empty view says that nothing came, or that all of it is gone", () => {
  assert.equal(nothingText("span", { accepted: "0" }, "It may come."), "No span is held. It may come.");
  assert.equal(nothingText("span", undefined, "It may come."), "No span is held. It may come.");
  const [evicted, cleared] = [
    { accepted: "3200", evicted: "3200" },
    { accepted: "3200", evicted: "1" },
  ];
  assert.match(
    nothingText("span", evicted, ""),
    /^No span is held any more: all of 3,200 were evicted to make room/,
  );
  assert.match(
    nothingText("span", cleared, ""),
    /^No span is held any more: all of 3,200 were evicted or cleared\./,
  );
});

test("a list that a filter leaves empty says how much went before", () => {
  assert.equal(wentText("span"), "");
  assert.match(wentText("span", "2"), /^ 2 spans went to make room for newer ones:/);
});
