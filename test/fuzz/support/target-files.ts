import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createRandom } from "../../support/random.ts";
import type { FuzzTarget, OpenTarget } from "../fuzz-target.ts";

const targets = new URL("../targets/", import.meta.url);
const corpora = new URL("../corpus/", import.meta.url);

/** The names of all targets. */
export const targetNames: readonly string[] = readdirSync(targets)
  .map((file) => file.replace(/\.ts$/, ""))
  .sort();

export async function openTarget(name: string): Promise<FuzzTarget> {
  const { openTarget } = (await import(new URL(`${name}.ts`, targets).href)) as { openTarget: OpenTarget };
  return openTarget();
}

export interface KeptInput {
  readonly file: string;
  readonly input: Uint8Array;
}

/** The folder of the inputs that failed once. */
export function corpusFolder(name: string): string {
  return fileURLToPath(new URL(`${name}/`, corpora));
}

export function corpusOf(name: string): KeptInput[] {
  const folder = corpusFolder(name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((file) => ({ file, input: readFileSync(`${folder}${file}`) }));
}

/** Fails when the main thread is at work on one input for longer: inputs are of a few KiB. */
const MOST_CPU_MS = 2_000;

/** Makes the input of a seed and checks it. */
export async function checkSeed(target: FuzzTarget, seed: number): Promise<string> {
  return checkInput(target, target.make(createRandom(seed)));
}

export async function checkInput(target: FuzzTarget, input: Uint8Array): Promise<string> {
  const before = process.threadCpuUsage();
  const verdict = await target.check(input);
  const { user, system } = process.threadCpuUsage(before);
  const cpuMs = (user + system) / 1_000;
  if (cpuMs > MOST_CPU_MS) throw new Error(`it took ${cpuMs} ms`);
  return verdict;
}
