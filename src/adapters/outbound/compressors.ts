import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { ObsvtyError } from "../../domain/errors.ts";

/** Up to this many bytes are compressed on the spot: a thread of the pool costs more. */
const onTheSpotBytes = 16 * 1024;

/** The fastest levels: of spans, the usual ones take more than twice the time with gzip for a tenth fewer bytes. */
const gzipOptions = { level: zlib.constants.Z_BEST_SPEED };
const zstdOptions = { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } };
const gzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);

interface Compressor {
  readonly now: (bytes: Uint8Array) => Buffer;
  readonly later: (bytes: Uint8Array) => Promise<Buffer>;
}

/** What Node compresses by itself. */
const compressors = {
  gzip: { now: (bytes) => zlib.gzipSync(bytes, gzipOptions), later: (bytes) => gzip(bytes, gzipOptions) },
  // Not every Node has it, so it is looked up when it is called.
  zstd: {
    now: (bytes) => zlib.zstdCompressSync(bytes, zstdOptions),
    later: (bytes) => promisify(zlib.zstdCompress)(bytes, zstdOptions),
  },
} as const satisfies Record<string, Compressor>;

export type NodeCompression = keyof typeof compressors;

export async function compressByNode(bytes: Uint8Array, compression: NodeCompression): Promise<Buffer> {
  const { now, later } = compressors[compression];
  return bytes.byteLength <= onTheSpotBytes ? now(bytes) : await later(bytes);
}

/**
 * Not every Node has zstd.
 * @throws ObsvtyError `invalid-argument` when zstd is asked for and this Node lacks it
 */
export function refuseMissingZstd(compression: string): void {
  if (compression !== "zstd" || zlib.zstdCompressSync !== undefined) return;
  throw new ObsvtyError("invalid-argument", `Node ${process.versions.node} has no zstd`);
}
