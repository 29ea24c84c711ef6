import { gunzip, gunzipSync, type InputType, type ZlibOptions } from "node:zlib";
import { ObsvtyError } from "../../../domain/errors.ts";

/** What `grpc-encoding` may say beside identity. */
export type MessageEncoding = "gzip";

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
  encoding: MessageEncoding,
  compressed: Uint8Array,
  maxBytes: number,
): Uint8Array | Promise<Uint8Array> {
  // An empty message may carry the compressed flag without so much as a gzip header (seen from clients).
  if (compressed.byteLength === 0) return compressed;
  const codec = codecs[encoding];
  const options = { maxOutputLength: maxBytes };
  if (compressed.byteLength <= SYNC_BYTES) {
    try {
      return codec.sync(compressed, options);
    } catch (error) {
      throw translate(error, encoding, maxBytes);
    }
  }
  return new Promise((resolve, reject) => {
    codec.async(compressed, options, (error, inflated) => {
      if (error === null) resolve(inflated);
      else reject(translate(error, encoding, maxBytes));
    });
  });
}

interface Codec {
  sync(bytes: InputType, options: ZlibOptions): Uint8Array;
  async(
    bytes: InputType,
    options: ZlibOptions,
    done: (error: Error | null, result: Uint8Array) => void,
  ): void;
}

const codecs: Readonly<Record<MessageEncoding, Codec>> = { gzip: { sync: gunzipSync, async: gunzip } };

function translate(error: unknown, encoding: MessageEncoding, maxBytes: number): ObsvtyError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  // maxOutputLength 0 is taken for "no value" by some zlib versions; it cannot occur, the limit is at least 1.
  return code === "ERR_BUFFER_TOO_LARGE"
    ? new ObsvtyError("too-large", `received message inflates to more than max (${maxBytes})`, {
        cause: error,
      })
    : new ObsvtyError("corrupt-encoding", `message is not valid ${encoding}`, { cause: error });
}
