import * as zlib from "node:zlib";
import { ObsvtyError } from "../../../domain/errors.ts";
import { OutputTooLarge } from "./decode/decoded-bytes.ts";
import { decodeLz4 } from "./decode/lz4.ts";
import { decodeSnappy } from "./decode/snappy.ts";
import type { InflightBytes } from "./inflight-bytes.ts";
import { tooLargeInflated } from "./too-large.ts";

interface InflateOptions {
  readonly maxOutputLength: number;
  readonly chunkSize?: number;
}

/** Inflates bytes on the spot, or beside the event loop. Throws, or calls back with an error, as `node:zlib`. */
interface Codec {
  sync(bytes: Uint8Array, options: InflateOptions): Uint8Array<ArrayBuffer>;
  async(
    bytes: Uint8Array,
    options: InflateOptions,
    done: (error: Error | null, result: Uint8Array<ArrayBuffer>) => void,
  ): void;
}

/** In the zlib format (RFC 1950), in gRPC and HTTP alike. */
const deflate: Codec = { sync: zlib.inflateSync, async: zlib.inflate };

const snappy = codecOfDecoder(decodeSnappy);

/** By the names of `grpc-encoding` and `content-encoding` (RFC 9110, 8.4.1; RFC 9659), preferred ones first. */
const codecs = {
  gzip: { sync: zlib.gunzipSync, async: zlib.gunzip },
  // Node has it since 22.15.
  ...(zlib.zstdDecompressSync !== undefined && {
    zstd: { sync: zlib.zstdDecompressSync, async: zlib.zstdDecompress },
  }),
  deflate,
  // The name that the Collector has for it.
  zlib: deflate,
  // The Collector sends these too, and drops what is refused for its encoding.
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

/**
 * Up to this many bytes are inflated on the spot, unless they become more than the next limit: a thread of the pool
 * costs more than inflating them. More would stall other requests for milliseconds.
 */
const ON_THE_SPOT_BYTES = 32 * 1024;
const ON_THE_SPOT_INFLATED_BYTES = 1024 * 1024;
/** More would not be faster: what is inflated has to pass through the one event loop. */
const CONCURRENT = 2;
/** Each chunk of output is a way to the thread and back; Node's 16 KiB make 256 of them for 4 MiB. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Inflates a few bytes on the spot, whoever compressed them.
 * @throws ObsvtyError `too-large`, `corrupt-encoding`
 */
export function inflateOnTheSpot(
  encoding: BodyEncoding,
  compressed: Uint8Array,
  maxBytes: number,
): Uint8Array<ArrayBuffer> {
  try {
    return codecOf(encoding).sync(compressed, { maxOutputLength: maxBytes });
  } catch (error) {
    throw translate(error, encoding, maxBytes);
  }
}

export interface Inflated {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** To be called when the bytes are no longer needed: until then they count as in flight. */
  release(): void;
}

/**
 * Inflates bodies, two at once, each within a limit of its output. What one may need at most counts as in flight
 * before it starts, so that many small bodies cannot inflate to more than the server's memory.
 */
export class Inflater {
  readonly #inflight: InflightBytes;
  readonly #maxBytes: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param maxBytes of one inflated body */
  constructor(inflight: InflightBytes, maxBytes: number) {
    this.#inflight = inflight;
    this.#maxBytes = maxBytes;
  }

  /**
   * Inflates a small body. Undefined when that should not be done on the spot.
   * @throws ObsvtyError `too-large`, `corrupt-encoding`
   */
  inflateNow(encoding: BodyEncoding, compressed: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    // An empty message may carry the compressed flag without even a gzip header (some clients send it so).
    if (compressed.byteLength === 0) return new Uint8Array();
    if (compressed.byteLength > ON_THE_SPOT_BYTES) return undefined;
    const maxBytes = Math.min(this.#maxBytes, ON_THE_SPOT_INFLATED_BYTES);
    try {
      return inflateOnTheSpot(encoding, compressed, maxBytes);
    } catch (error) {
      if (error instanceof ObsvtyError && error.code === "too-large" && maxBytes < this.#maxBytes) {
        return undefined;
      }
      throw error;
    }
  }

  /**
   * Inflates a body of any size on a thread of the pool, when its turn has come.
   * @param ofRequest the bytes of the same request that are in flight already
   * @throws ObsvtyError `overloaded`, `too-large`, `corrupt-encoding`
   */
  async inflate(encoding: BodyEncoding, compressed: Uint8Array, ofRequest: number): Promise<Inflated> {
    await this.#turn();
    let held = this.#maxBytes;
    const release = () => {
      this.#inflight.release(held);
      held = 0;
    };
    try {
      const error = this.#inflight.hold(held, held + ofRequest);
      if (error !== undefined) throw error;
      const bytes = await this.#run(encoding, compressed);
      this.#inflight.release(held - bytes.byteLength);
      held = bytes.byteLength;
      return { bytes, release };
    } catch (error) {
      release();
      throw error;
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= CONCURRENT) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
  }

  #run(encoding: BodyEncoding, compressed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const options = { maxOutputLength: this.#maxBytes, chunkSize: CHUNK_BYTES };
    return new Promise((resolve, reject) => {
      codecOf(encoding).async(compressed, options, (error, inflated) => {
        if (error === null) resolve(inflated);
        else reject(translate(error, encoding, this.#maxBytes));
      });
    });
  }
}

/** Decodes a piece of the output, and goes on at the next; throws where the input is corrupt or the output too large. */
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

function codecOf(encoding: BodyEncoding): Codec {
  return codecs[encoding] as Codec;
}

function translate(error: unknown, encoding: BodyEncoding, maxBytes: number): ObsvtyError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ERR_BUFFER_TOO_LARGE" || error instanceof OutputTooLarge
    ? tooLargeInflated(maxBytes, error)
    : new ObsvtyError("corrupt-encoding", `message is not valid ${encoding}`, { cause: error });
}
