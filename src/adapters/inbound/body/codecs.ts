import * as zlib from "node:zlib";
import { CorruptInput } from "./decode/byte-input.ts";
import { decodeLz4 } from "./decode/lz4.ts";
import { decodeSnappy } from "./decode/snappy.ts";

interface InflateOptions {
  readonly maxOutputLength: number;
  readonly chunkSize?: number;
}

/** Inflates bytes on the spot, or beside the event loop. Throws, or calls back with an error, as `node:zlib`. */
export interface Codec {
  sync(bytes: Uint8Array, options: InflateOptions): Uint8Array<ArrayBuffer>;
  async(
    bytes: Uint8Array,
    options: InflateOptions,
    done: (error: Error | null, result: Uint8Array<ArrayBuffer>) => void,
  ): void;
}

const withZlibHeader = codecOfZlib(zlib.inflateSync, zlib.inflate);
const withoutZlibHeader = codecOfZlib(zlib.inflateRawSync, zlib.inflateRaw);

/**
 * Deflate comes in the zlib format (RFC 1950), in gRPC and HTTP alike. Some senders leave out its header (RFC 9110,
 * 8.4.1.2).
 */
const deflate: Codec = {
  sync: (bytes, options) => deflateFormOf(bytes).sync(bytes, options),
  async: (bytes, options, done) => deflateFormOf(bytes).async(bytes, options, done),
};

/** RFC 1950, 2.2: in the header the method is 8, and the two bytes are a multiple of 31. */
function deflateFormOf([method = 0, flags = 0]: Uint8Array): Codec {
  return (method & 15) === 8 && (method * 256 + flags) % 31 === 0 ? withZlibHeader : withoutZlibHeader;
}

const snappy = codecOfDecoder(decodeSnappy);

/**
 * The codecs by the names of `grpc-encoding` and `content-encoding` (RFC 9110, 8.4.1; RFC 9659), preferred ones first.
 */
const codecs = {
  gzip: codecOfZlib(zlib.gunzipSync, zlib.gunzip),
  // Not every Node has it.
  ...(zlib.zstdDecompressSync !== undefined && {
    zstd: codecOfZlib(zlib.zstdDecompressSync, zlib.zstdDecompress),
  }),
  deflate,
  // The name that the Collector has for it.
  zlib: deflate,
  // The Collector sends these too, and drops a request that is refused for its encoding.
  snappy,
  "x-snappy-framed": snappy,
  lz4: codecOfDecoder(decodeLz4),
} as const satisfies Record<string, Codec>;

/** What a body or a message may be compressed with. */
export type BodyEncoding = keyof typeof codecs;

/** What `grpc-encoding` and `content-encoding` may say, for the headers that name the known encodings. */
export const acceptedEncodings = ["identity", ...Object.keys(codecs)].join(",");

/** The encoding by its name in a header; undefined for one that is not known. */
export function bodyEncodingOf(name: string): BodyEncoding | undefined {
  // RFC 9110, 8.4.1.3: x-gzip is the same as gzip.
  const known = name === "x-gzip" ? "gzip" : name;
  return Object.hasOwn(codecs, known) ? (known as BodyEncoding) : undefined;
}

export function codecOf(encoding: BodyEncoding): Codec {
  return codecs[encoding] as Codec;
}

/** What Node gives with the option `info`, which its types do not say. */
interface WithInfo {
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** How many bytes were read. */
  readonly engine: { readonly bytesWritten: number };
}

type ZlibOptions = InflateOptions & { readonly info: true };

/**
 * `node:zlib` is silent about bytes after the compressed ones, or takes zeros for padding, as of a tape. A body and
 * a message have a length of their own and need none, so all bytes must be used up, in every encoding.
 */
function codecOfZlib(
  sync: (bytes: Uint8Array, options: ZlibOptions) => unknown,
  async: (
    bytes: Uint8Array,
    options: ZlibOptions,
    done: (error: Error | null, result: unknown) => void,
  ) => void,
): Codec {
  const check = ({ byteLength }: Uint8Array, { engine }: WithInfo) =>
    engine.bytesWritten === byteLength ? null : new CorruptInput("bytes after its end");
  return {
    sync(bytes, options) {
      const inflated = sync(bytes, { ...options, info: true }) as WithInfo;
      const error = check(bytes, inflated);
      if (error !== null) throw error;
      return inflated.buffer;
    },
    async(bytes, options, done) {
      async(bytes, { ...options, info: true }, (failure, result) => {
        const inflated = result as WithInfo;
        const error = failure ?? check(bytes, inflated);
        done(error, error === null ? inflated.buffer : new Uint8Array());
      });
    },
  };
}

/**
 * Decodes a piece of the output, and goes on at the next; throws where the input is corrupt or the output too large.
 */
type Decoder = (bytes: Uint8Array, maxBytes: number) => Generator<void, Uint8Array<ArrayBuffer>>;

/** A decoder in JavaScript has no thread: it lets the event loop turn between two pieces. */
function codecOfDecoder(decode: Decoder): Codec {
  return {
    sync(bytes, { maxOutputLength }) {
      const pieces = decode(bytes, maxOutputLength);
      let piece = pieces.next();
      while (piece.done !== true) piece = pieces.next();
      return piece.value;
    },
    async(bytes, { maxOutputLength }, done) {
      const pieces = decode(bytes, maxOutputLength);
      const next = () => {
        try {
          const piece = pieces.next();
          if (piece.done === true) done(null, piece.value);
          else setImmediate(next);
        } catch (error) {
          done(error as Error, new Uint8Array());
        }
      };
      next();
    },
  };
}
