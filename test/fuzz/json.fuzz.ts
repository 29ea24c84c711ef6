import { bySignal, signals } from "../../src/domain/signal.ts";
import { writeJsonRequest } from "../../src/otlp/json/write-request.ts";
import { compareWithOracle } from "../support/json-oracle/compare.ts";
import { makeOddJson } from "../support/odd-json.ts";
import { createRandom } from "../support/random.ts";
import { seedRequests } from "../support/scan-seeds.ts";

// Makes odd OTLP/JSON of sound requests for FUZZ_SECONDS (default 60) and holds the JSON reader against its oracle. A
// failure says the seed: FUZZ_SEED=<seed> FUZZ_SECONDS=0 runs that one request again.

const seconds = Number(process.env.FUZZ_SECONDS ?? 60);
const from = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const endMs = performance.now() + seconds * 1_000;
const texts = bySignal((signal) => writeJsonRequest(signal, seedRequests[signal]));

const counts = new Map<string, number>();
let seed = from;
do {
  const random = createRandom(seed);
  const signal = random.pick(signals);
  const json = makeOddJson(texts[signal], random);
  const options = { ids: random.pick(["hex", "base64"] as const), isStrict: random.below(2) === 0 };
  try {
    const verdict = compareWithOracle(signal, json, options);
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  } catch (cause) {
    console.error(`FUZZ_SEED=${seed} ${signal} ${Buffer.from(json).toString("base64")}`);
    throw cause;
  }
  seed++;
} while (performance.now() < endMs);
console.log(`${seed - from} JSON requests from seed ${from}:`, Object.fromEntries(counts));
