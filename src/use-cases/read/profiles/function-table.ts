import { type Frame, maxDictionaryEntries } from "../../../otlp/decode/profile-dictionary.ts";

/** A function in the stacks of a profile. */
export interface ProfiledFunction {
  readonly name: string;
  readonly file: string;
  /** The value of the stacks that end with it. */
  readonly self: bigint;
  /** The value of the stacks that have it. */
  readonly total: bigint;
}

/** The sum of values of which most are small: to add up bigints would take most of the time of an answer. */
interface Sum {
  small: number;
  large: bigint;
}

interface Row {
  readonly frame: Frame;
  /** Its name in folded stacks. */
  readonly folded: string;
  readonly self: Sum;
  readonly total: Sum;
  /** The number of the last stack that had it. */
  lastStack: number;
}

const bytesOfFunction = 256;
/** Stacks that the dictionary does not have and that are told apart. The samples of all others are told together. */
export const maxMissingStacks = 1_000;
/** The stacks of a profile, at most. */
const maxStacks = maxDictionaryEntries + maxMissingStacks + 1;
/** Values up to this, one of each stack, add up to an exact number. */
const maxSmall = BigInt(Math.floor(Number.MAX_SAFE_INTEGER / maxStacks));

/** The functions in the stacks of a profile: up to `maxStacks`, with hundreds of frames each. */
export class FunctionTable {
  /** By the ids of their frames. */
  readonly #rows: Row[] = [];
  #stacks = 0;
  #bytes = 0;

  /** Bytes that it holds, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds a stack with what was measured in it.
   * @param frames of one dictionary, the leaf first
   * @returns the stack in its folded form
   */
  add(frames: readonly Frame[], value: bigint): string {
    this.#stacks += 1;
    const small = value < maxSmall && value > -maxSmall ? Number(value) : undefined;
    const names = new Array<string>(frames.length);
    for (let i = 0; i < frames.length; i++) {
      const frame = frames[i]!;
      const row = this.#rows[frame.id] ?? this.#begin(frame);
      names[frames.length - 1 - i] = row.folded;
      if (i === 0) addTo(row.self, small, value);
      // A function that calls itself counts once.
      if (row.lastStack === this.#stacks) continue;
      row.lastStack = this.#stacks;
      addTo(row.total, small, value);
    }
    return names.join(";");
  }

  /** All functions, in no order. */
  all(): ProfiledFunction[] {
    // Frames that no stack has have no row.
    return Object.values(this.#rows).map(({ frame: { name, file }, self, total }) => ({
      name,
      file,
      self: exactOf(self),
      total: exactOf(total),
    }));
  }

  #begin(frame: Frame): Row {
    const { id, name, file } = frame;
    this.#bytes += bytesOfFunction + 4 * (name.length + file.length);
    const row = { frame, folded: foldedName(name), self: zero(), total: zero(), lastStack: 0 };
    this.#rows[id] = row;
    return row;
  }
}

function zero(): Sum {
  return { small: 0, large: 0n };
}

function addTo(sum: Sum, small: number | undefined, value: bigint): void {
  if (small === undefined) sum.large += value;
  else sum.small += small;
}

function exactOf({ small, large }: Sum): bigint {
  return BigInt(small) + large;
}

/** Semicolons and line ends have a meaning in folded stacks. */
function foldedName(name: string): string {
  return name.replace(/;/g, ":").replace(/[\r\n]+/g, " ");
}
