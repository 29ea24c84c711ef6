/** Bytes of a stream as they arrive. */
export type Chunks = AsyncIterable<Uint8Array>;

/** A line of a file, without its newline. */
export interface FileLine {
  /** The first line is 1. */
  readonly number: number;
  /**
   * The bytes are undefined when the line is too long. It is told as soon as it is longer, and the rest of it is
   * skipped without being kept.
   */
  readonly bytes: Uint8Array | undefined;
  /** The file ends without a newline behind it. */
  readonly isLast: boolean;
}

const newline = 0x0a;

/** The lines of a stream. Holds one line at a time. */
export async function* linesOf(chunks: Chunks, maxBytes: number): AsyncGenerator<FileLine> {
  let number = 1;
  let parts: Uint8Array[] = [];
  let byteLength = 0;
  const isTooLong = () => byteLength > maxBytes;
  const line = (isLast: boolean): FileLine => ({
    number,
    bytes: isTooLong() ? undefined : Buffer.concat(parts, byteLength),
    isLast,
  });
  const begin = () => {
    number += 1;
    parts = [];
    byteLength = 0;
  };
  /** @returns whether the line has become too long by this part */
  const add = (part: Uint8Array): boolean => {
    const wasTooLong = isTooLong();
    byteLength += part.byteLength;
    if (isTooLong()) parts = [];
    else if (part.byteLength > 0) parts.push(part);
    return isTooLong() && !wasTooLong;
  };
  for await (const chunk of chunks) {
    let at = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, at)) {
      if (add(chunk.subarray(at, end)) || !isTooLong()) yield line(false);
      begin();
      at = end + 1;
    }
    if (add(chunk.subarray(at))) yield line(false);
  }
  if (byteLength > 0 && !isTooLong()) yield line(true);
}
