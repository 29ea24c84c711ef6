import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Fault } from "../../../../src/domain/fault.ts";
import { FaultScript } from "../../../../src/use-cases/ingest/fault-script.ts";

const reset: Fault = { kind: "reset" };
const delay: Fault = { kind: "delay", delayMs: 1 };

describe("FaultScript", () => {
  it("an empty fault script has no fault for an export", () => {
    assert.equal(new FaultScript().take("traces"), undefined);
  });

  it("a fault script uses up its rules in order, each as often as it says", () => {
    const script = new FaultScript();
    script.set([
      { times: 2, fault: reset },
      { times: 1, fault: delay },
    ]);
    const taken = [1, 2, 3, 4].map(() => script.take("logs"));
    assert.deepEqual(taken, [reset, reset, delay, undefined]);
  });

  it("a fault script skips rules for other signals and keeps them", () => {
    const script = new FaultScript();
    script.set([
      { signal: "traces", times: 1, fault: reset },
      { times: 1, fault: delay },
    ]);
    assert.equal(script.take("logs"), delay);
    assert.deepEqual(script.rules, [{ signal: "traces", times: 1, fault: reset }]);
    assert.equal(script.take("logs"), undefined);
    assert.equal(script.take("traces"), reset);
  });

  it("a fault script does not change the rules that it was given", () => {
    const rules = [{ times: 2, fault: reset }];
    const script = new FaultScript();
    script.set(rules);
    script.take("traces");
    assert.deepEqual(rules, [{ times: 2, fault: reset }]);
  });
});
