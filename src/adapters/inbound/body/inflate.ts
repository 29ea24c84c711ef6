import * as zlib from "node:zlib";
import { ObsvtyError } from "../../../domain/errors.ts";
import { tooLargeInflated } from "./too-large.ts";

interface OutputLimit {
  readonly maxOutputLength: number;
}

/** Inflates bytes on the spot, or by a thread of the pool. Throws, or calls back with an error, as `node:zlib`. */
interface Codec {
  sync(bytes: zlib.InputType, options: OutputLimit): Uint8Array<ArrayBuffer>;
  async(
    bytes: zlib.InputType,
    options: OutputLimit,
    done: (error: Error | null, result: Uint8Array<ArrayBuffer>) => void,
  ): void;
}

/** By the names of `grpc-encoding` and `content-encoding` (RFC 9110, 8.4.1; RFC 9659), preferred ones first. */
const codecs = {
  gzip: { sync: zlib.gunzipSync, async: zlib.gunzip },
  // Node has it since 22.15.
  ...(zlib.zstdDecompressSync !== undefined && {
    zstd: { sync: zlib.zstdDecompressSync, async: zlib.zstdDecompress },
  }),
  // In the zlib format, in gRPC and HTTP alike.
  deflate: { sync: zlib.inflateSync, async: zlib.inflate },
} as const satisfies Record<string, Codec>;

/** What a body or a message may be compressed with. */
export type BodyEncoding = keyof typeof codecs;

/** What `grpc-encoding` and `content-encoding` may say, for the headers that tell so. */
export const acceptedEncodings = ["identity", ...Object.keys(codecs)].join(",");

/** The encoding by its name in a header; undefined for one that is not known. */
export function bodyEncodingOf(name: string): BodyEncoding | undefined {
  // RFC 9110, 8.4.1.3: x-gzip is the same as gzip.
  const known = name === "x-gzip" ? "gzip" : name;
  return Object.hasOwn(codecs, known) ? (known as BodyEncoding) : undefined;
}

/**
 * Compressed bytes up to this are inflated on the spot: handing them to a thread of the pool costs more than
 * inflating them. Larger ones would stall other requests for milliseconds.
 */
const SYNC_BYTES = 32 * 1024;

/**
 * Inflates a body, holding no more than `maxBytes` of output at any time.
 * @throws ObsvtyError `too-large`, `corrupt-encoding`
 */
export function inflate(
  encoding: BodyEncoding,
  compressed: Uint8Array,
  maxBytes: number,
): Uint8Array | Promise<Uint8Array> {
  // An empty message may carry the compressed flag without so much as a gzip header (seen from clients).
  if (compressed.byteLength === 0) return compressed;
  if (compressed.byteLength > SYNC_BYTES) return inflateAside(encoding, compressed, maxBytes);
  try {
    return codecOf(encoding).sync(compressed, { maxOutputLength: maxBytes });
  } catch (error) {
    throw translate(error, encoding, maxBytes);
  }
}

/** The same, always by a thread of the pool. */
export function inflateAside(
  encoding: BodyEncoding,
  compressed: Uint8Array,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    codecOf(encoding).async(compressed, { maxOutputLength: maxBytes }, (error, inflated) => {
      if (error === null) resolve(inflated);
      else reject(translate(error, encoding, maxBytes));
    });
  });
}

function codecOf(encoding: BodyEncoding): Codec {
  return codecs[encoding] as Codec;
}

function translate(error: unknown, encoding: BodyEncoding, maxBytes: number): ObsvtyError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  // maxOutputLength 0 is taken for "no value" by some zlib versions; it cannot occur, the limit is at least 1.
  return code === "ERR_BUFFER_TOO_LARGE"
    ? tooLargeInflated(maxBytes, error)
    : new ObsvtyError("corrupt-encoding", `message is not valid ${encoding}`, { cause: error });
}
