import { compressByNode, type NodeCompression } from "../compressors.ts";

/** The bytes of a message as they travel. */
export interface Encoded {
  readonly bytes: Uint8Array;
  /** The value of `grpc-encoding` and `content-encoding`; undefined for bytes that are not compressed. */
  readonly encoding: string | undefined;
}

/** Fewer bytes are not worth it. */
const leastBytes = 512;

/**
 * The compressions by their names in `grpc-encoding` and `content-encoding`. The setting FORWARD_OTLP_COMPRESSION
 * lists these.
 */
export type OtlpCompression = NodeCompression | "none";

export async function compress(bytes: Uint8Array, compression: OtlpCompression): Promise<Encoded> {
  if (compression === "none" || bytes.byteLength < leastBytes) return { bytes, encoding: undefined };
  return { bytes: await compressByNode(bytes, compression), encoding: compression };
}
