import type { Command } from "commander";
import { type AskHeld, type Candidate, complete } from "../../completion/complete.ts";
import { heldValues } from "../../completion/held-values.ts";
import { type Shell, scripts } from "../../completion/scripts.ts";
import { bashReply, bashWords, unquoted } from "../../completion/shell-words.ts";
import { serverOf } from "../../flags/endpoint.ts";
import type { TlsFlags } from "../../flags/tls-flags.ts";
import type { Output } from "../../output/output.ts";

interface Asked {
  readonly shell: Shell;
  /**
   * What a script hands over: words as they are typed, with their quotes; or of Bash the line up to the cursor, and the
   * characters that break words.
   */
  readonly words: readonly string[];
  readonly program: Command;
}

interface Context {
  readonly output: Output;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Prints the script that a shell reads. For that script it prints what may stand for the last word: a line that says
 * what the shell itself completes it with, then a line for each candidate.
 */
export async function completion(
  { shell, words, program }: Asked,
  { output, env }: Context,
): Promise<number> {
  const askHeld: AskHeld = async (held, begun, { endpoint, ...tls }) => {
    return heldValues(() => serverOf(endpoint as string | undefined, tls as TlsFlags, env), held, begun);
  };
  if (words.length === 0) {
    await output.lines([scripts[shell].trimEnd()]);
  } else if (shell === "bash") {
    const [line = "", breaks = ""] = words;
    const [, ...typed] = bashWords(line, breaks);
    const last = typed.at(-1);
    const values = typed.map(({ value }) => value);
    const { also, candidates } = await complete(program, values, askHeld);
    const replies = last === undefined ? [] : harmless(candidates).map(({ word }) => bashReply(word, last));
    await output.lines([also, ...replies]);
  } else {
    const { also, candidates } = await complete(program, words.map(unquoted), askHeld);
    const lines = harmless(candidates).map(({ word, meaning }) => `${word}\t${meaning}`);
    await output.lines([also, ...lines]);
  }
  return 0;
}

/** A control character in what a program has sent would be one in the line that is typed. */
function harmless(candidates: readonly Candidate[]): Required<Candidate>[] {
  return candidates
    .filter(({ word }) => !/\p{C}/u.test(word))
    .map(({ word, meaning = "" }) => ({ word, meaning: meaning.replace(/\p{C}+/gu, " ") }));
}
