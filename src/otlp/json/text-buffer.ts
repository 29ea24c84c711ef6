/** Beyond its capacity the buffer has room for one value that is written in one go. */
const marginBytes = 2_048;
/** A value of at most this many bytes is written in one go: each byte takes six in JSON at most (`\u0001`). */
export const shortBytes = 256;
/** Bytes of a longer value that are written in one go; a multiple of 3, so that base64 goes on without padding. */
const pieceBytes = 48 * 1_024;

const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
const hexDigits = Buffer.from("0123456789abcdef");

/** JSON text under construction, in UTF-8. */
export class TextBuffer {
  readonly #capacity: number;
  readonly #bytes: Buffer;
  #length = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#bytes = Buffer.allocUnsafeSlow(capacity + 6 * pieceBytes + marginBytes);
  }

  /** No further value may be begun. */
  get isFull(): boolean {
    return this.#length >= this.#capacity;
  }

  get byteLength(): number {
    return this.#length;
  }

  /** What is written so far; valid until `clear`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  /** Forgets the first bytes. */
  drop(byteLength: number): void {
    this.#bytes.copyWithin(0, byteLength, this.#length);
    this.#length -= byteLength;
  }

  /** One character of ASCII. */
  put(code: number): void {
    this.#bytes[this.#length++] = code;
  }

  /** Text in UTF-8 that is JSON already. */
  raw(text: Uint8Array): void {
    this.#bytes.set(text, this.#length);
    this.#length += text.byteLength;
  }

  /** Text of ASCII that is JSON already. */
  ascii(text: string): void {
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i);
  }

  /**
   * Writes the inside of a JSON string from UTF-8, at most a piece of it.
   * @returns where the rest begins; `end` when there is none
   */
  string(bytes: Uint8Array, at: number, end: number): number {
    const until = end - at <= pieceBytes ? end : characterStart(bytes, at + pieceBytes);
    const out = this.#bytes;
    const start = this.#length;
    let to = start;
    for (let i = at; i < until; i++) {
      const byte = bytes[i] ?? 0;
      if (byte < space || byte >= 0x80 || byte === quote || byte === backslash) {
        this.#length = start;
        this.#escape(bytes, at, until);
        return until;
      }
      out[to++] = byte;
    }
    this.#length = to;
    return until;
  }

  /** Invalid UTF-8 becomes U+FFFD. */
  #escape(bytes: Uint8Array, at: number, end: number): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString();
    const json = JSON.stringify(text);
    this.#length += this.#bytes.write(json.slice(1, -1), this.#length);
  }

  /** Writes base64 of at most a piece. Returns where the rest begins. */
  base64(bytes: Uint8Array, at: number, end: number): number {
    const until = Math.min(end, at + pieceBytes);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, until - at).toString("base64");
    this.#length += this.#bytes.write(text, this.#length, "latin1");
    return until;
  }

  /** Writes lower-case hex of at most a piece. Returns where the rest begins. */
  hex(bytes: Uint8Array, at: number, end: number): number {
    const until = Math.min(end, at + pieceBytes);
    const out = this.#bytes;
    for (let i = at; i < until; i++) {
      const byte = bytes[i] ?? 0;
      out[this.#length++] = hexDigits[byte >> 4] ?? 0;
      out[this.#length++] = hexDigits[byte & 0xf] ?? 0;
    }
    return until;
  }
}

/** Where a character begins, at `at` or up to three bytes before: text cut there decodes as it does whole. */
function characterStart(bytes: Uint8Array, at: number): number {
  for (let start = at; start > at - 4; start--) {
    if (((bytes[start] ?? 0) & 0xc0) !== 0x80) return start;
  }
  return at;
}
