import type { Random } from "../support/random.ts";

/**
 * What is fuzzed, and what must hold of it. A file in `targets` exports a function `openTarget` that returns one; its
 * name is that of the file. Inputs are bytes, so that each can be kept as a file in `corpus`.
 */
export interface FuzzTarget {
  /** Makes an input. The same random numbers make the same input. */
  make(random: Random): Uint8Array;
  /**
   * Throws when something does not hold. Otherwise says in a few words what came of the input; runs count the words.
   */
  check(input: Uint8Array): string | Promise<string>;
  /** What comes of some inputs among a few hundred: else the damage is all too much or all too little. */
  readonly verdicts: readonly string[];
  close?(): Promise<void>;
}

export type OpenTarget = () => FuzzTarget | Promise<FuzzTarget>;
