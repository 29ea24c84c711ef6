/* Streams of Connect: before each message stand a byte of flags and its length in four bytes (connectrpc.com/docs/protocol). */

const headBytes = 5;

/** The flag of the message that ends a stream. */
export const endOfStream = 0x02;

interface Envelope {
  readonly flags: number;
  readonly text: string;
}

/** The messages of a stream, wherever the pieces in which it comes begin and end. */
export async function* envelopes(body: AsyncIterable<Uint8Array>): AsyncGenerator<Envelope> {
  let pieces: readonly Uint8Array[] = [];
  let held = 0;
  /** So many bytes are needed to go on. */
  let wanted = headBytes;
  for await (const piece of body) {
    pieces = [...pieces, piece];
    held += piece.length;
    while (held >= wanted) {
      const whole = joined(pieces, held);
      pieces = [whole];
      const end = headBytes + new DataView(whole.buffer, whole.byteOffset).getUint32(1);
      wanted = end;
      if (held < end) break;
      yield { flags: whole[0] ?? 0, text: new TextDecoder().decode(whole.subarray(headBytes, end)) };
      pieces = [whole.subarray(end)];
      held -= end;
      wanted = headBytes;
    }
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** A message as it is sent. */
export function enveloped(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  const whole = new Uint8Array(headBytes + bytes.length);
  new DataView(whole.buffer).setUint32(1, bytes.length);
  whole.set(bytes, headBytes);
  return whole;
}
