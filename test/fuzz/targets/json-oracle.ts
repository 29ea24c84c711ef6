import { bySignal, signals } from "../../../src/domain/signal.ts";
import { writeJsonRequest } from "../../../src/otlp/json/write-request.ts";
import { compareWithOracle } from "../../support/json-oracle/compare.ts";
import { makeOddJson } from "../../support/odd-json.ts";
import { seedRequests } from "../../support/scan-seeds.ts";
import type { FuzzTarget } from "../fuzz-target.ts";
import { signalInput, splitSignalInput } from "../support/signal-input.ts";

/** Odd OTLP/JSON: the JSON reader in WebAssembly makes the same of it as its oracle in JavaScript. */
export function openTarget(): FuzzTarget {
  const texts = bySignal((signal) => writeJsonRequest(signal, seedRequests[signal]));
  return {
    make(random) {
      const signal = random.pick(signals);
      return signalInput(signal, makeOddJson(texts[signal], random));
    },
    check(input) {
      const { signal, request } = splitSignalInput(input);
      compareWithOracle(signal, request, { ids: "base64", isStrict: false });
      return compareWithOracle(signal, request, { ids: "hex", isStrict: true });
    },
    verdicts: ["read", "read in part", "refused", "not JSON"],
  };
}
