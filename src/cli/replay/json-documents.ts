import { type Chunks, linesOf } from "./file-lines.ts";

/** JSON text that stands in a file: a line, or the lines of a document that a formatter has broken into several. */
export interface JsonText {
  /** The line on which it begins; the first line is 1. */
  readonly line: number;
  /** The bytes are undefined when there are too many: they are skipped without being kept. */
  readonly bytes: Uint8Array | undefined;
  /** The file ends with it, without a newline behind it or in the middle of a document. */
  readonly isLast: boolean;
}

const [newline, quote, backslash] = [0x0a, 0x22, 0x5c];
const openers = new Set(Buffer.from("{["));
const closers = new Set(Buffer.from("}]"));
/** U+FEFF in UTF-8. */
const mark = [0xef, 0xbb, 0xbf];
const blanks = new Set(Buffer.from(" \t\r"));

/**
 * The JSON texts of a file: one for each line. A line that begins an object or array and does not end it is joined with
 * the lines after it, up to its end. Blank lines are left out.
 * @param beginsText whether a line can only be the beginning of a text: the one that is open then was torn
 */
export async function* jsonTextsOf(
  chunks: Chunks,
  maxBytes: number,
  beginsText: (line: Uint8Array) => boolean,
): AsyncGenerator<JsonText> {
  let open: OpenText | undefined;
  for await (const { number, bytes, isLast } of linesOf(chunks, maxBytes)) {
    if (open !== undefined && (bytes === undefined || beginsText(bytes))) {
      yield open.text(false);
      open = undefined;
    }
    if (bytes === undefined) {
      yield { line: number, bytes, isLast };
      continue;
    }
    for (let rest: Uint8Array | undefined = number === 1 ? withoutMark(bytes) : bytes; rest !== undefined; ) {
      if (open === undefined) {
        if (isBlank(rest)) break;
        if (isWhole(rest)) {
          yield { line: number, bytes: rest, isLast };
          break;
        }
        open = new OpenText(number, maxBytes);
      }
      const end = open.add(rest);
      if (end === undefined) break;
      yield open.text(isLast);
      open = undefined;
      rest = rest.subarray(end);
    }
    if (open !== undefined && (isLast || !open.isJson)) {
      yield open.text(isLast);
      open = undefined;
    }
  }
  if (open !== undefined) yield open.text(true);
}

/**
 * The line without the byte order mark that some editors and shells begin a file with. JSON has none (RFC 8259, 8.1).
 */
function withoutMark(line: Uint8Array): Uint8Array {
  return mark.every((byte, at) => line[at] === byte) ? line.subarray(mark.length) : line;
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => blanks.has(byte));
}

/** Whether a line that is not blank is looked at by itself: no formatter breaks a line behind the end of a value. */
function isWhole(line: Uint8Array): boolean {
  const first = line.find((byte) => !blanks.has(byte)) ?? 0;
  const last = line.findLast((byte) => !blanks.has(byte)) ?? 0;
  return !openers.has(first) || closers.has(last);
}

/** A text whose end has not been seen. */
class OpenText {
  readonly #line: number;
  readonly #maxBytes: number;
  /** The text so far, with room behind it: a document may have millions of lines, of a few bytes each. */
  #bytes = Buffer.alloc(0);
  #byteLength = 0;
  #depth = 0;
  /** False after a string that its line does not end, which JSON does not allow. */
  isJson = true;

  constructor(line: number, maxBytes: number) {
    this.#line = line;
    this.#maxBytes = maxBytes;
  }

  /** Takes a line, or what is left of it. @returns where the text ends in it; undefined when it goes on */
  add(line: Uint8Array): number | undefined {
    let isInString = false;
    for (let at = 0; at < line.byteLength; at++) {
      const byte = line[at] ?? 0;
      if (byte === quote) isInString = !isInString;
      else if (isInString) {
        if (byte === backslash) at += 1;
      } else if (openers.has(byte)) {
        this.#depth += 1;
      } else if (closers.has(byte)) {
        this.#depth -= 1;
        if (this.#depth > 0) continue;
        this.#keep(line.subarray(0, at + 1));
        return at + 1;
      }
    }
    this.isJson = !isInString;
    this.#keep(line);
    return undefined;
  }

  text(isLast: boolean): JsonText {
    const bytes = this.#byteLength > this.#maxBytes ? undefined : this.#bytes.subarray(0, this.#byteLength);
    return { line: this.#line, bytes, isLast };
  }

  #keep(part: Uint8Array): void {
    const at = this.#byteLength;
    this.#byteLength += part.byteLength + 1;
    if (this.#byteLength > this.#maxBytes) {
      this.#bytes = Buffer.alloc(0);
      return;
    }
    this.#reserve(this.#byteLength);
    this.#bytes.set(part, at);
    // Errors are reported with positions, so that the newline counts.
    this.#bytes[this.#byteLength - 1] = newline;
  }

  #reserve(byteLength: number): void {
    if (byteLength <= this.#bytes.byteLength) return;
    const larger = Buffer.allocUnsafe(
      Math.min(Math.max(byteLength, 2 * this.#bytes.byteLength), this.#maxBytes),
    );
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
