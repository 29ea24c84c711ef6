import type { Random } from "./random.ts";
import { varint } from "./wire.ts";

// Blocks of Snappy and LZ4, made and read as plainly as can be: literals, and copies of what was before.

type Step = { readonly literal: Uint8Array } | { readonly distance: number; readonly length: number };

/** Steps that reach back to what is there; `least` is the shortest copy. */
function anySteps(random: Random, least: number): Step[] {
  const steps: Step[] = [{ literal: random.bytes(1 + random.below(70)) }];
  let length = steps[0] !== undefined && "literal" in steps[0] ? steps[0].literal.byteLength : 0;
  for (let i = random.below(8); i > 0; i--) {
    const step: Step =
      random.below(2) === 0
        ? { literal: random.bytes(1 + random.below(70)) }
        : { distance: 1 + random.below(Math.min(length, 65_535)), length: least + random.below(60) };
    length += "literal" in step ? step.literal.byteLength : step.length;
    steps.push(step);
  }
  return steps;
}

/** A Snappy block (google/snappy, format_description.txt). */
export function anySnappyBlock(random: Random): Uint8Array {
  let length = 0;
  const parts = anySteps(random, 4).map((step) => {
    if ("literal" in step) {
      const { byteLength } = step.literal;
      length += byteLength;
      return Buffer.concat([
        byteLength <= 60 ? Buffer.of((byteLength - 1) << 2) : Buffer.of(60 << 2, byteLength - 1),
        step.literal,
      ]);
    }
    length += step.length;
    const { distance } = step;
    if (distance < 2_048 && step.length < 12 && random.below(2) === 0) {
      return Buffer.of(((distance >> 8) << 5) | ((step.length - 4) << 2) | 1, distance & 255);
    }
    const isWide = random.below(4) === 0;
    const offset = Buffer.alloc(isWide ? 4 : 2);
    offset.writeUIntLE(distance, 0, offset.byteLength);
    return Buffer.concat([Buffer.of(((step.length - 1) << 2) | (isWide ? 3 : 2)), offset]);
  });
  return Buffer.concat([varint(length), ...parts]);
}

/** Undefined when it is corrupt. */
export function readSnappyBlock(block: Uint8Array): Uint8Array | undefined {
  const input = new PlainInput(block);
  const output: number[] = [];
  let declared = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = input.number(1);
    if (shift > 28) return undefined;
    declared += (byte & 127) * 2 ** shift;
    if (byte < 128) break;
  }
  while (!input.isAtEnd && output.length <= declared) {
    const tag = input.number(1);
    const upper = tag >> 2;
    if ((tag & 3) === 0) {
      input.literal(output, 1 + (upper < 60 ? upper : input.number(upper - 59)));
    } else if ((tag & 3) === 1) {
      input.copy(output, (tag >> 5) * 256 + input.number(1), 4 + (upper & 7));
    } else {
      input.copy(output, input.number((tag & 3) === 2 ? 2 : 4), 1 + upper);
    }
  }
  return input.isCorrupt || output.length !== declared ? undefined : Uint8Array.from(output);
}

/** An LZ4 block (lz4_Block_format.md). */
export function anyLz4Block(random: Random): Uint8Array {
  const parts: Uint8Array[] = [];
  let literal: Uint8Array = new Uint8Array();
  for (const step of [...anySteps(random, 4), { literal: random.bytes(5) }]) {
    if ("literal" in step) {
      literal = Buffer.concat([literal, step.literal]);
      continue;
    }
    const [lengthBits, more] = lz4Length(step.length - 4);
    parts.push(lz4Literal(literal, lengthBits), Buffer.of(step.distance & 255, step.distance >> 8), more);
    literal = new Uint8Array();
  }
  return Buffer.concat([...parts, lz4Literal(literal, 0)]);
}

function lz4Literal(literal: Uint8Array, lengthBits: number): Uint8Array {
  const [bits, more] = lz4Length(literal.byteLength);
  return Buffer.concat([Buffer.of((bits << 4) | lengthBits), more, literal]);
}

function lz4Length(length: number): readonly [bits: number, more: Uint8Array] {
  if (length < 15) return [length, new Uint8Array()];
  const rest = length - 15;
  return [15, Buffer.concat([Buffer.alloc(Math.floor(rest / 255), 255), Buffer.of(rest % 255)])];
}

/** Undefined when it is corrupt. */
export function readLz4Block(block: Uint8Array): Uint8Array | undefined {
  const input = new PlainInput(block);
  const output: number[] = [];
  const length = (bits: number) => {
    let sum = bits;
    for (let byte = bits === 15 ? 255 : 0; byte === 255 && !input.isCorrupt; sum += byte)
      byte = input.number(1);
    return sum;
  };
  // An empty block has no token.
  do {
    const token = input.number(1);
    input.literal(output, length(token >> 4));
    if (input.isAtEnd) break;
    input.copy(output, input.number(2), 4 + length(token & 15));
  } while (!input.isCorrupt);
  return input.isCorrupt ? undefined : Uint8Array.from(output);
}

class PlainInput {
  readonly #bytes: Uint8Array;
  #at = 0;
  isCorrupt = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.isCorrupt || this.#at >= this.#bytes.byteLength;
  }

  number(width: number): number {
    let value = 0;
    for (let i = 0; i < width; i++) value += this.#byte() * 256 ** i;
    return value;
  }

  literal(output: number[], length: number): void {
    if (this.#at + length > this.#bytes.byteLength) this.isCorrupt = true;
    else for (let i = 0; i < length; i++) output.push(this.#byte());
  }

  copy(output: number[], distance: number, length: number): void {
    if (distance === 0 || distance > output.length) this.isCorrupt = true;
    else for (let i = 0; i < length; i++) output.push(output[output.length - distance] ?? 0);
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) this.isCorrupt = true;
    this.#at += 1;
    return byte ?? 0;
  }
}
