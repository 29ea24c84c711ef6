/** A body as it arrived: its chunks in order. They are not copied until the store takes them. */
export interface Body {
  readonly chunks: readonly Uint8Array[];
  readonly byteLength: number;
}

/** The body without its first `count` bytes. */
export function dropBytes(body: Body, count: number): Body {
  let rest = count;
  const chunks: Uint8Array[] = [];
  for (const chunk of body.chunks) {
    if (rest >= chunk.byteLength) {
      rest -= chunk.byteLength;
    } else {
      chunks.push(rest === 0 ? chunk : chunk.subarray(rest));
      rest = 0;
    }
  }
  return { chunks, byteLength: body.byteLength - count };
}

/** Byte `index` of the body; 0 past its end. */
export function byteAt(body: Body, index: number): number {
  let at = index;
  for (const chunk of body.chunks) {
    if (at < chunk.byteLength) return chunk[at] ?? 0;
    at -= chunk.byteLength;
  }
  return 0;
}

/** The body in one piece. */
export function joinBody(body: Body): Uint8Array {
  const [first] = body.chunks;
  return body.chunks.length === 1 && first !== undefined
    ? first
    : Buffer.concat(body.chunks, body.byteLength);
}
