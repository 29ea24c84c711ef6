import assert from "node:assert/strict";
import { signals } from "../../../src/domain/signal.ts";
import { requestSchemas } from "../../../src/otlp/services.ts";
import { StrictValidator } from "../../../src/otlp/strict/strict-validator.ts";
import { mutate } from "../../support/mutate.ts";
import { createScanOracle } from "../../support/scan-oracle.ts";
import { seedRequests } from "../../support/scan-seeds.ts";
import { createStepScan } from "../../support/step-scan.ts";
import { lastOf } from "../../support/steps.ts";
import { oddities, warningCounts } from "../../support/strict-oracle.ts";
import type { FuzzTarget } from "../fuzz-target.ts";
import { signalInput, splitSignalInput } from "../support/signal-input.ts";

/**
 * Damaged requests in protobuf: the scanner accepts what Protobuf-ES can read, but for its stricter rules, and what it
 * accepts reads back and is found by what is shown. The strict validator finds what a plain reader finds. Both come to
 * the same in steps, however short these are.
 */
export function openTarget(): FuzzTarget {
  const scan = createScanOracle();
  const stepScan = createStepScan();
  const strict = new StrictValidator(1 << 20, 1 << 20);
  return {
    make(random) {
      const signal = random.pick(signals);
      return signalInput(signal, mutate(requestSchemas[signal], seedRequests[signal], random));
    },
    check(input) {
      const { signal, request } = splitSignalInput(input);
      const verdict = scan(signal, request);
      const stepBytes = 1 + (request.byteLength % 97);
      assert.deepEqual(stepScan(signal, request, stepBytes), stepScan(signal, request));
      if (verdict === "kept") {
        const warnings = strict.check(signal, [request], request.byteLength);
        assert.deepEqual(warningCounts(warnings), oddities(requestSchemas[signal], request));
        const steps = strict.checkInSteps(signal, [request], request.byteLength, stepBytes);
        assert.deepEqual(lastOf(steps), warnings);
      }
      return verdict;
    },
    verdicts: ["kept", "refused by both", "refused by a stricter rule"],
  };
}
