/**
 * The bytes of the prefix of a length-prefixed message: one byte of flags and four of length (gRPC PROTOCOL-HTTP2,
 * "Length-Prefixed-Message"). gRPC-Web and Connect's streams frame their messages in the same way.
 */
export const PREFIX_BYTES = 5;

/** The flag of a message that is compressed. */
export const COMPRESSED_FLAG = 0x01;

/** The flag of the frame that carries gRPC-Web's trailers (PROTOCOL-WEB.md). */
export const WEB_TRAILERS_FLAG = 0x80;

/** Writes the prefix of a message of `byteLength` bytes to the start of `target`. */
export function writePrefix(target: Buffer, byteLength: number, flags: number): void {
  target[0] = flags;
  target.writeUInt32BE(byteLength, 1);
}
