import { RE2JS, RE2JSSyntaxException } from "@bufbuild/re2";

/*
 * RE2 looks for a pattern in time that is linear in the text, in theory. The library builds the states of its automaton
 * as it meets them, each of which may have all instructions of the pattern, and after some 50,000 of them goes on
 * without states, in a time that is quadratic in the instructions: `(.{0,30}){33}$` took 4.8 s for a text of 16,384
 * characters. Where it does no more than follow states, it asks for no instruction. So what it costs is the number of
 * instructions that it asks for, and these are counted and bounded; so is what the states take, which the library never
 * gives back.
 */

/** Instructions of all patterns of one expression. */
const maxInstructions = 1_000;
/** Instructions that are asked for while one item is looked at: some milliseconds. */
const maxSteps = 40_000;
/** After so many the states are forgotten. Each step adds up to 70 bytes to them. */
const maxKeptSteps = 200_000;

/** The patterns of one expression. The library would compile a pattern anew for each item. */
export class Patterns {
  readonly #compiled = new Map<string, RE2JS>();
  #instructions = 0;
  #left = 0;
  #keptSteps = 0;

  /** Begins with another item. */
  begin(): void {
    if (this.#keptSteps > maxKeptSteps) {
      this.#keptSteps = 0;
      this.#compiled.clear();
    }
    this.#left = maxSteps;
  }

  get isOver(): boolean {
    return this.#left < 0;
  }

  /** @throws Error when it is no pattern, PatternTooLarge, or UnicodeClass */
  add(pattern: string): void {
    if (this.#compiled.has(pattern)) return;
    this.#instructions += compiledBy(() => this.#compile(pattern))
      .re2()
      .prog.numInst();
    if (this.#instructions > maxInstructions) throw new PatternTooLarge();
  }

  /** What the library looks for a pattern with. */
  compile(pattern: string): { test(text: string): boolean } {
    return this.#compiled.get(pattern) ?? this.#compile(pattern);
  }

  #compile(pattern: string): RE2JS {
    const compiled = RE2JS.compile(pattern, RE2JS.DISABLE_UNICODE_GROUPS);
    const { prog } = compiled.re2();
    const instructionAt = prog.getInst.bind(prog);
    prog.getInst = (at) => {
      this.#left -= 1;
      this.#keptSteps += 1;
      if (this.#left < 0) throw new Error("the pattern takes too long for this item");
      return instructionAt(at);
    };
    this.#compiled.set(pattern, compiled);
    return compiled;
  }
}

/** The patterns of an expression have too many instructions. */
export class PatternTooLarge extends Error {}

/**
 * A pattern has a class such as `\pL` or `\p{Greek}`. When it meets one for the first time, the library looks at each
 * of the 1,114,112 code points: 12 to 100 ms, and 1.2 s for those that fit into one expression.
 */
export class UnicodeClass extends Error {}

function compiledBy(compile: () => RE2JS): RE2JS {
  try {
    return compile();
  } catch (error) {
    const isUnicodeClass = error instanceof RE2JSSyntaxException && /^\\p/i.test(error.input ?? "");
    throw isUnicodeClass ? new UnicodeClass() : error;
  }
}
