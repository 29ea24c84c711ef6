// The double that is nearest to a decimal number, ties to even, as IEEE 754 and ECMAScript have it.

import { LARGEST_POWER, POWERS, SMALLEST_POWER } from "../reader-layout";
import { COST_OF_CALL, Work } from "./work";

/** ECMAScript's Number() of the text in [at, end), for the rare numbers that the two ways below cannot tell. */
// @ts-ignore: decorator
@external("host", "parseNumber")
declare function parseNumber(at: usize, end: usize): f64;

/** Powers of ten that are doubles. */
const EXACT_POWERS = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]);
const LARGEST_EXACT_POWER: i32 = 22;
const TWO_TO_53: u64 = 9007199254740992;

/**
 * mantissa * 10 ** exponent, whose text is in [at, end).
 * @param dropped how many digits of the text are not in the mantissa
 */
export function doubleOf(mantissa: u64, exponent: i32, dropped: u32, at: usize, end: usize): f64 {
  if (dropped == 0) {
    if (mantissa == 0) return 0;
    // One operation on two exact doubles is rounded once (Clinger, "How to Read Floating Point Numbers Accurately").
    if (mantissa <= TWO_TO_53 && exponent >= -LARGEST_EXACT_POWER && exponent <= LARGEST_EXACT_POWER) {
      return exponent < 0
        ? <f64>mantissa / load<f64>(EXACT_POWERS + (<usize>-exponent << 3))
        : <f64>mantissa * load<f64>(EXACT_POWERS + (<usize>exponent << 3));
    }
    if (exponent >= SMALLEST_POWER && exponent <= LARGEST_POWER) {
      const bits = multiply(mantissa, exponent);
      if (bits != 0) return reinterpret<f64>(bits);
    }
  }
  Work.extra += COST_OF_CALL;
  return abs(parseNumber(at, end));
}

// The low half of a product of 64 bits by 64.
let productLow: u64 = 0;

/** The high half of a * b. */
function multiplyWide(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >> 32);
  const cross = aLow * bHigh + (middle & 0xffffffff);
  productLow = (cross << 32) | (low & 0xffffffff);
  return aHigh * bHigh + (middle >> 32) + (cross >> 32);
}

/** Bits of a double's mantissa that are stored. */
const MANTISSA_BITS = 52;

/**
 * The bits of mantissa * 10 ** exponent; 0 when they are not certain (Lemire, "Number Parsing at a Gigabyte per
 * Second", section 5). Powers are at least 1e-100 and mantissas below 1e19, so that all results are normal.
 */
function multiply(mantissa: u64, exponent: i32): u64 {
  const zeros = <u32>clz(mantissa);
  const shifted = mantissa << zeros;
  const power = <usize>POWERS + (<usize>(exponent - SMALLEST_POWER) << 4);
  let high = multiplyWide(shifted, load<u64>(power));
  let low = productLow;
  // Where the bits behind the mantissa are all set, the low half of the power may carry.
  const behind: u64 = u64.MAX_VALUE >> (MANTISSA_BITS + 3);
  if ((high & behind) == behind) {
    const more = multiplyWide(shifted, load<u64>(power, 8));
    low += more;
    if (more > low) high++;
  }
  const upper = <u32>(high >> 63);
  const shift = upper + 64 - MANTISSA_BITS - 3;
  let result = high >> shift;
  // Halfway between two doubles, or so near that it cannot be told.
  if (low <= 1 && (result & 3) == 1 && result << shift == high) return 0;
  result = (result + (result & 1)) >> 1;
  let power2 = ((217706 * exponent) >> 16) + 63 + <i32>upper - <i32>zeros + 1023;
  if (result >= <u64>2 << MANTISSA_BITS) {
    result = <u64>1 << MANTISSA_BITS;
    power2++;
  }
  return (<u64>power2 << MANTISSA_BITS) | (result & ((<u64>1 << MANTISSA_BITS) - 1));
}
