/** Bytes of a stream as they arrive. */
export type Chunks = AsyncIterable<Uint8Array>;

/** A line of a file, without its newline. */
export interface FileLine {
  /** The first line is 1. */
  readonly number: number;
  /** The bytes are undefined when the line is too long: it is skipped without being kept. */
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
  const line = (isLast: boolean): FileLine => {
    const bytes = byteLength > maxBytes ? undefined : Buffer.concat(parts, byteLength);
    parts = [];
    byteLength = 0;
    return { number: number++, bytes, isLast };
  };
  const add = (part: Uint8Array) => {
    byteLength += part.byteLength;
    if (byteLength > maxBytes) parts = [];
    else if (part.byteLength > 0) parts.push(part);
  };
  for await (const chunk of chunks) {
    let at = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, at)) {
      add(chunk.subarray(at, end));
      at = end + 1;
      yield line(false);
    }
    add(chunk.subarray(at));
  }
  if (byteLength > 0) yield line(true);
}
