import { promisify } from "node:util";
import * as zlib from "node:zlib";

export const otlpCompressions = ["gzip", "zstd", "none"] as const;
export type OtlpCompression = (typeof otlpCompressions)[number];

/** The bytes of a message as they travel. */
export interface Encoded {
  readonly bytes: Uint8Array;
  /** For `grpc-encoding` and `content-encoding`; undefined for bytes that are not compressed. */
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

/** Whether this Node has zstd: since 22.15. */
export const hasZstd = zlib.zstdCompressSync !== undefined;

export async function compress(bytes: Uint8Array, compression: OtlpCompression): Promise<Encoded> {
  if (compression === "none" || bytes.byteLength < leastBytes) return { bytes, encoding: undefined };
  const isSmall = bytes.byteLength <= onTheSpotBytes;
  switch (compression) {
    case "gzip":
      return {
        bytes: isSmall ? zlib.gzipSync(bytes, gzipOptions) : await gzip(bytes, gzipOptions),
        encoding: "gzip",
      };
    case "zstd":
      return {
        bytes: isSmall ? zlib.zstdCompressSync(bytes, zstdOptions) : await zstd(bytes),
        encoding: "zstd",
      };
  }
}

/** Not every Node has it, so it is looked up when it is called. */
function zstd(bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    zlib.zstdCompress(bytes, zstdOptions, (error, compressed) => {
      if (error === null) resolve(compressed);
      else reject(error);
    });
  });
}
