import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createRandom } from "../support/random.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import {
  checkInput,
  checkSeed,
  corpusFolder,
  corpusOf,
  openTarget,
  targetNames,
} from "./support/target-files.ts";
import { startWatchdog } from "./support/watchdog.ts";

/*
 * npm run test:fuzz -- [--seconds 60] [--target NAME]... [--seed N] [--runs N]
 *
 * Checks the kept inputs of each target, then new ones made of seeds, for an equal share of the seconds. A failure
 * names the seed, and leaves its input in the corpus: commit it with the fix, and every later run begins with it.
 */

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    target: { type: "string", multiple: true, default: [...targetNames] },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    runs: { type: "string", default: "Infinity" },
  },
});
const firstSeed = Number(values.seed);
const runs = Number(values.runs);
const shareMs = (Number(values.seconds) * 1_000) / values.target.length;
const watchdog = startWatchdog();

for (const name of values.target) {
  if (!targetNames.includes(name)) throw new Error(`no target ${name}; there are ${targetNames.join(", ")}`);
  await fuzz(name);
}
watchdog.stop();

async function fuzz(name: string): Promise<void> {
  const endMs = performance.now() + shareMs;
  const target = await openTarget(name);
  const kept = corpusOf(name);
  for (const { file, input } of kept) {
    await attempt(`${name}: the kept input ${file}`, () => checkInput(target, input));
  }
  const verdicts = new Map<string, number>();
  let seed = firstSeed;
  for (; seed - firstSeed < runs && performance.now() < endMs; seed++) {
    const verdict = await attempt(`${name}: --target ${name} --seed ${seed} --runs 1`, () =>
      checkSeed(target, seed).catch((error) => {
        keep(name, target, seed);
        throw error;
      }),
    );
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
  }
  await target.close?.();
  const counts = [...verdicts].sort(([, a], [, b]) => b - a).map(([verdict, count]) => `${count} ${verdict}`);
  console.log(
    `${name}: ${kept.length} kept inputs, ${seed - firstSeed} from seed ${firstSeed}: ${counts.join(", ")}`,
  );
}

async function attempt(what: string, check: () => Promise<string>): Promise<string> {
  watchdog.begin(what);
  try {
    return await check();
  } catch (error) {
    console.error(`fuzz: failed: ${what}`);
    console.error(error);
    process.exit(1);
  } finally {
    watchdog.end();
  }
}

function keep(name: string, target: FuzzTarget, seed: number): void {
  const folder = corpusFolder(name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}seed-${seed}`, target.make(createRandom(seed)));
}
