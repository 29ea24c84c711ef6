import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Watchers } from "../../../../src/use-cases/read/watchers.ts";
import { refusal } from "../../../support/refusal.ts";

describe("Watchers", () => {
  it("a call beyond the limit of concurrent calls is refused until another one ends", () => {
    const watchers = new Watchers(2);
    const leave = watchers.enter({});
    watchers.enter({});
    assert.throws(
      () => watchers.enter({}),
      refusal("limit of 2 concurrent Tail, WaitFor and ReadRequests calls reached", "too-many-watchers"),
    );
    leave();
    leave();
    assert.equal(watchers.count, 1);
    watchers.enter({});
  });

  it("a call that is aborted counts no longer in the limit of concurrent calls", () => {
    const watchers = new Watchers();
    const controller = new AbortController();
    const leave = watchers.enter({ abort: controller.signal });
    controller.abort();
    leave();
    assert.equal(watchers.count, 0);
    assert.throws(() => watchers.enter({ abort: controller.signal }), controller.signal.reason);
    assert.equal(watchers.count, 0);
  });

  it("calls that last give one client half of the places, and the others to others", () => {
    const watchers = new Watchers(4, "Watch");
    const leave = watchers.enter({ client: "greedy" });
    watchers.enter({ client: "greedy" });
    const overShare = refusal("limit of 2 concurrent Watch calls of one client reached", "too-many-watchers");
    assert.throws(() => watchers.enter({ client: "greedy" }), overShare);
    watchers.enter({ client: "modest" });
    leave();
    leave();
    watchers.enter({ client: "greedy" });
    assert.throws(() => watchers.enter({ client: "greedy" }), overShare);
    watchers.enter({ client: "other" });
    const full = refusal("limit of 4 concurrent Watch calls reached", "too-many-watchers");
    assert.throws(() => watchers.enter({ client: "late" }), full);
  });
});
