/** Bytes that are copied in one step. */
const COPY_BYTES = 4_194_304;

/** Copies chunks, one behind the other, in steps of some milliseconds at most. */
export function* copyInSteps(chunks: readonly Uint8Array[], to: Uint8Array, at: number): Generator<void> {
  let end = at;
  let pauseAt = at + COPY_BYTES;
  for (const chunk of chunks) {
    for (let from = 0; from < chunk.byteLength; from += COPY_BYTES) {
      const piece = chunk.subarray(from, from + COPY_BYTES);
      to.set(piece, end);
      end += piece.byteLength;
      if (end < pauseAt) continue;
      pauseAt = end + COPY_BYTES;
      yield;
    }
  }
}
