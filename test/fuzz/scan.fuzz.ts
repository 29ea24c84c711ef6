import { signals } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { mutate } from "../support/mutate.ts";
import { createRandom } from "../support/random.ts";
import { createScanOracle } from "../support/scan-oracle.ts";
import { seedRequests } from "../support/scan-seeds.ts";

// Mutates sound requests for FUZZ_SECONDS (default 60) and holds the scanner against Protobuf-ES. A failure
// says the seed: FUZZ_SEED=<seed> FUZZ_SECONDS=0 runs that one request again.

const seconds = Number(process.env.FUZZ_SECONDS ?? 60);
const from = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const endMs = performance.now() + seconds * 1_000;
/** No request of a few KiB may take this long. */
const maxMs = 1_000;

const check = createScanOracle();
const counts = new Map<string, number>();
let seed = from;
do {
  const random = createRandom(seed);
  const signal = random.pick(signals);
  const bytes = mutate(requestSchemas[signal], seedRequests[signal], random);
  const startMs = performance.now();
  try {
    const verdict = check(signal, bytes);
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    const tookMs = performance.now() - startMs;
    if (tookMs > maxMs) throw new Error(`took ${tookMs} ms`);
  } catch (cause) {
    console.error(`FUZZ_SEED=${seed} ${signal} ${Buffer.from(bytes).toString("base64")}`);
    throw cause;
  }
  seed++;
} while (performance.now() < endMs);
console.log(`${seed - from} requests from seed ${from}:`, Object.fromEntries(counts));
