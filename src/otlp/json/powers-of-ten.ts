import { LARGEST_POWER, SMALLEST_POWER } from "./reader-layout.ts";

const bits = 128n;

/**
 * The leading 128 bits of 5 to the power of each number from SMALLEST_POWER to LARGEST_POWER, rounded down, or of its
 * reciprocal, rounded up; the high half first (Lemire, "Number Parsing at a Gigabyte per Second").
 */
export function powersOfTen(): BigUint64Array {
  const halves: bigint[] = [];
  for (let power = SMALLEST_POWER; power <= LARGEST_POWER; power++) {
    const five = 5n ** BigInt(Math.abs(power));
    const mantissa = power < 0 ? reciprocalOf(five) : leadingBitsOf(five);
    halves.push(mantissa >> 64n, mantissa & 0xffff_ffff_ffff_ffffn);
  }
  return BigUint64Array.from(halves);
}

function leadingBitsOf(number: bigint): bigint {
  const excess = lengthOf(number) - bits;
  return excess > 0n ? number >> excess : number << -excess;
}

function reciprocalOf(number: bigint): bigint {
  // A power of five is no power of two, so that the quotient has exactly 128 bits.
  return (1n << (lengthOf(number) + bits - 1n)) / number + 1n;
}

function lengthOf(number: bigint): bigint {
  return BigInt(number.toString(2).length);
}
