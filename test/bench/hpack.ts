// As much of HPACK (RFC 7541) as a load generator needs.

export type Headers = readonly (readonly [name: string, value: string])[];

/**
 * The header blocks of a connection on which every request has the same headers: the first puts them into
 * the dynamic table (6.2.1), all others refer to it (6.1), one byte a header, as real clients do.
 */
export function encodeRepeatedHeaders(headers: Headers): {
  readonly first: Buffer;
  readonly further: Buffer;
} {
  const first = headers.flatMap(([name, value]) => [Buffer.of(0x40), text(name), text(value)]);
  const newest = 62;
  return {
    first: Buffer.concat(first),
    further: Buffer.from(headers.map((_, index) => 0x80 | (newest + headers.length - 1 - index))),
  };
}

function text(value: string): Buffer {
  if (value.length >= 127) throw new RangeError(`too long for a one-byte length: ${value}`);
  return Buffer.concat([Buffer.of(value.length), Buffer.from(value, "latin1")]);
}

/** "grpc-status" and "grpc-status-details-bin" in HPACK's Huffman code, each after its length. */
const statusName = Buffer.from("889acac8b21234da8f", "hex");
const statusDetailsName = Buffer.from("909acac8b21234da85a42a466a10b466ab", "hex");

/**
 * The `grpc-status` in a header block from nghttp2 (so: of a Node server) that may not use a dynamic table:
 * the name in Huffman code, the one or two digits as they are, since that is no longer.
 */
export function findGrpcStatus(
  block: Buffer,
): { readonly code: number; readonly details: boolean } | undefined {
  const at = block.indexOf(statusName);
  if (at < 0) return undefined;
  const valueAt = at + statusName.length;
  const length = block[valueAt] ?? 0;
  const code = Number(block.toString("latin1", valueAt + 1, valueAt + 1 + length));
  return { code, details: block.includes(statusDetailsName) };
}
