// Decimal numbers: their digits, and what they are as an integer or as a double.

import { doubleOf } from "./double";
import { byteAt, isDigit, MINUS, PLUS, POINT, ZERO } from "./text";

/** The number that `parseDecimal` read: mantissa * 10 ** exponent, if no digits are dropped. */
export class Decimal {
  static isNegative: bool = false;
  /** The first 19 significant digits, which is as many as 64 bits hold. */
  static mantissa: u64 = 0;
  static exponent: i32 = 0;
  /** How many significant digits follow those of the mantissa. */
  static dropped: u32 = 0;
  /** All digits of a number without point and exponent; otherwise 0. */
  static integerDigits: usize = 0;
  static at: usize = 0;
  static end: usize = 0;
}

/** The integer that `toInteger` found. */
export class Integer {
  static isNegative: bool = false;
  static magnitude: u64 = 0;
}

const MAX_DIGITS: u32 = 19;
/** An exponent beyond every one that makes a difference. */
const LARGE_EXPONENT: i32 = 100_000;

/** How many digits of the mantissa there are. */
let significant: u32 = 0;

/**
 * Reads a number. Returns the address behind it; 0 when there is none.
 * @param isText the number is in quotes: then it may also begin with a plus, zeros or a point, and end with a point
 */
export function parseDecimal(at: usize, isText: bool): usize {
  let p = at;
  const sign = byteAt(p);
  Decimal.isNegative = sign == MINUS;
  if (sign == MINUS || (isText && sign == PLUS)) p++;
  Decimal.at = at;
  Decimal.mantissa = 0;
  Decimal.exponent = 0;
  Decimal.dropped = 0;
  significant = 0;

  const digitsAt = p;
  while (byteAt(p) == ZERO) p++;
  if (!isText && p - digitsAt > 1) return 0;
  const hasZero = p > digitsAt;
  p = readDigits(p);
  if (!isText && hasZero && p > digitsAt + 1) return 0;
  let digits = p - digitsAt;
  if (digits == 0 && !isText) return 0;
  // A number with a plus is not among the forms whose digits are kept.
  Decimal.integerDigits = sign == PLUS ? 0 : digits;
  Decimal.exponent = <i32>Decimal.dropped;

  if (byteAt(p) == POINT) {
    p++;
    const fractionAt = p;
    if (significant == 0) {
      while (byteAt(p) == ZERO) p++;
    }
    const dropped = Decimal.dropped;
    p = readDigits(p);
    const fraction = p - fractionAt;
    if (fraction == 0 && !isText) return 0;
    Decimal.exponent += <i32>(Decimal.dropped - dropped) - <i32>fraction;
    Decimal.integerDigits = 0;
    digits += fraction;
  }
  if (digits == 0) return 0;
  if ((byteAt(p) | 0x20) == 0x65) {
    p = readExponent(p + 1);
    if (p == 0) return 0;
    Decimal.integerDigits = 0;
  }
  Decimal.end = p;
  return p;
}

/** Reads significant digits into the mantissa as long as there is room, and counts the others. */
function readDigits(p: usize): usize {
  let mantissa = Decimal.mantissa;
  let count = significant;
  while (count + 8 <= MAX_DIGITS) {
    const eight = load<u64>(p);
    if (!areDigits(eight)) break;
    mantissa = mantissa * 100_000_000 + valueOf(eight);
    count += 8;
    p += 8;
  }
  let byte = byteAt(p);
  while (isDigit(byte) && count < MAX_DIGITS) {
    mantissa = mantissa * 10 + (byte - ZERO);
    count++;
    byte = byteAt(++p);
  }
  Decimal.mantissa = mantissa;
  significant = count;
  if (isDigit(byte)) {
    const from = p;
    do {
      byte = byteAt(++p);
    } while (isDigit(byte));
    Decimal.dropped += <u32>(p - from);
  }
  return p;
}

/** Whether eight bytes are digits. */
// @ts-ignore: decorator
@inline
function areDigits(bytes: u64): bool {
  return ((bytes & 0xf0f0f0f0f0f0f0f0) | (((bytes + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4)) == 0x3333333333333333;
}

/** The number that eight digits are: pairs become numbers, then pairs of these. */
// @ts-ignore: decorator
@inline
function valueOf(digits: u64): u64 {
  digits = (digits & 0x0f0f0f0f0f0f0f0f) * 2561 >> 8;
  digits = (digits & 0x00ff00ff00ff00ff) * 6553601 >> 16;
  return (digits & 0x0000ffff0000ffff) * 42949672960001 >> 32;
}

/** @param p behind the letter */
function readExponent(p: usize): usize {
  const sign = byteAt(p);
  if (sign == MINUS || sign == PLUS) p++;
  if (!isDigit(byteAt(p))) return 0;
  let exponent: i32 = 0;
  while (isDigit(byteAt(p))) {
    if (exponent < LARGE_EXPONENT) exponent = exponent * 10 + <i32>(byteAt(p) - ZERO);
    p++;
  }
  Decimal.exponent += sign == MINUS ? -exponent : exponent;
  return p;
}

/** The number as the nearest double. */
export function toDouble(): f64 {
  const double = doubleOf(Decimal.mantissa, Decimal.exponent, Decimal.dropped, Decimal.at, Decimal.end);
  return Decimal.isNegative ? -double : double;
}

const TWO_TO_64: f64 = 18446744073709551616.0;
/** The number of digits of the longest 64-bit integer. */
const MAX_INTEGER_DIGITS: usize = 20;

/**
 * Makes the number an integer whose magnitude is below 2^64, into `Integer`. False when it is none. Digits are kept
 * when there is neither point nor exponent; other forms, such as `1e3`, go through a double.
 * @param isText in quotes more than 20 digits go through a double too
 */
export function toInteger(isText: bool): bool {
  Integer.isNegative = Decimal.isNegative;
  const integerDigits = Decimal.integerDigits;
  const dropped = Decimal.dropped;
  if (integerDigits > 0 && !(isText && integerDigits > MAX_INTEGER_DIGITS)) {
    if (dropped == 0) {
      Integer.magnitude = Decimal.mantissa;
      return true;
    }
    return dropped == 1 && addDigit(byteAt(Decimal.end - 1) - ZERO);
  }
  const double = abs(toDouble());
  if (!(double < TWO_TO_64) || floor(double) != double) return false;
  Integer.magnitude = <u64>double;
  return true;
}

/** Adds a twentieth digit to the mantissa. False when that is over 64 bits. */
function addDigit(digit: u32): bool {
  const mantissa = Decimal.mantissa;
  const most = u64.MAX_VALUE / 10;
  if (mantissa > most || (mantissa == most && digit > 5)) return false;
  Integer.magnitude = mantissa * 10 + digit;
  return true;
}
