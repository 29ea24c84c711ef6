import { crc32c, Writer } from "@platformatic/kafka";

/** CRC-32C's polynomial with its bits in reverse (RFC 3720, appendix B.4). In a number so, bit 31 is x^0. */
const polynomial = 0x82f63b78;
const one = 0x8000_0000;
const x = 0x4000_0000;

/** The powers x^(2^i), modulo the polynomial. */
const powers = new Uint32Array(32);
for (let i = 0, power = x; i < powers.length; i++, power = multiply(power, power)) powers[i] = power;

/**
 * The CRC-32C of pieces one behind the other, which are not joined for it: what comes before a piece is multiplied by
 * x to the number of the piece's bits, as zlib's `crc32_combine` does. Pieces are shorter than 2^29 bytes.
 */
export function crc32cOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((crc, piece) => {
    // In this form the client does not copy the bytes before it counts them.
    const { dynamicBuffer } = Writer.create().append(piece as Buffer);
    return (multiply(crc, powerOfX(piece.byteLength)) ^ crc32c(dynamicBuffer)) >>> 0;
  }, 0);
}

/** x to the number of bits in so many bytes. */
function powerOfX(byteLength: number): number {
  let product = one;
  // A byte has 2^3 bits.
  for (let rest = byteLength, i = 3; rest > 0; rest >>>= 1, i++) {
    if (rest & 1) product = multiply(product, powers[i] ?? 0);
  }
  return product;
}

/** Of two polynomials over GF(2), modulo that of the CRC. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let rest = a, shifted = b; rest !== 0; rest <<= 1) {
    if (rest & one) product ^= shifted;
    shifted = shifted & 1 ? (shifted >>> 1) ^ polynomial : shifted >>> 1;
  }
  return product >>> 0;
}
