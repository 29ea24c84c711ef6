/** A write has a cost of its own, so that small pieces are sent together in blocks of this size. */
const blockBytes = 65_536;

/** The bytes of all pieces, in order. A larger piece is a block by itself. */
export function* inBlocks(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let block = Buffer.allocUnsafe(blockBytes);
  let used = 0;
  for (const piece of pieces) {
    if (used + piece.byteLength > blockBytes) {
      if (used > 0) yield block.subarray(0, used);
      block = Buffer.allocUnsafe(blockBytes);
      used = 0;
    }
    if (piece.byteLength > blockBytes) {
      yield piece;
    } else {
      block.set(piece, used);
      used += piece.byteLength;
    }
  }
  if (used > 0) yield block.subarray(0, used);
}
