import { promisify } from "node:util";
import * as zlib from "node:zlib";

/** The bytes of a message as they travel. */
export interface Encoded {
  readonly bytes: Uint8Array;
  /** The value of `grpc-encoding` and `content-encoding`; undefined for bytes that are not compressed. */
  readonly encoding: string | undefined;
}

/** Up to this many bytes are compressed on the spot: a thread of the pool costs more. */
const onTheSpotBytes = 16 * 1024;
/** Fewer bytes are not worth it. */
const leastBytes = 512;

/** The fastest levels: of spans, the usual ones take more than twice the time with gzip for a tenth fewer bytes. */
const gzipOptions = { level: zlib.constants.Z_BEST_SPEED };
const zstdOptions = { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } };
const gzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);

interface Compressor {
  readonly now: (bytes: Uint8Array) => Uint8Array;
  readonly later: (bytes: Uint8Array) => Promise<Uint8Array>;
}

/** The compressors by their names in `grpc-encoding` and `content-encoding`. */
const compressors = {
  gzip: { now: (bytes) => zlib.gzipSync(bytes, gzipOptions), later: (bytes) => gzip(bytes, gzipOptions) },
  // Not every Node has it, so it is looked up when it is called.
  zstd: {
    now: (bytes) => zlib.zstdCompressSync(bytes, zstdOptions),
    later: (bytes) => promisify(zlib.zstdCompress)(bytes, zstdOptions),
  },
} as const satisfies Record<string, Compressor>;

/** The setting FORWARD_OTLP_COMPRESSION lists these. */
export type OtlpCompression = keyof typeof compressors | "none";

export async function compress(bytes: Uint8Array, compression: OtlpCompression): Promise<Encoded> {
  if (compression === "none" || bytes.byteLength < leastBytes) return { bytes, encoding: undefined };
  const { now, later } = compressors[compression];
  return {
    bytes: bytes.byteLength <= onTheSpotBytes ? now(bytes) : await later(bytes),
    encoding: compression,
  };
}
