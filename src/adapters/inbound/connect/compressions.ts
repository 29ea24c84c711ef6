import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { BodyEncoding } from "../body/codecs.ts";
import type { Inflater } from "../body/inflate.ts";
import { connectErrorOf } from "../responses/connect-error.ts";

/** The encodings that Connect inflates and compresses: those of all protocols, in the same order of preference. */
export function compressionsOf(inflater: Inflater): readonly Compression[] {
  return [
    compressionOf("gzip", promisify(zlib.gzip), inflater),
    ...(zlib.zstdCompress === undefined
      ? []
      : [compressionOf("zstd", promisify(zlib.zstdCompress), inflater)]),
    compressionOf("deflate", promisify(zlib.deflate), inflater),
  ];
}

function compressionOf(
  name: BodyEncoding,
  compress: (bytes: zlib.InputType) => Promise<Uint8Array<ArrayBuffer>>,
  inflater: Inflater,
): Compression {
  return {
    name,
    compress: (bytes) => compress(bytes),
    // The inflater has the same limit as Connect.
    async decompress(bytes): Promise<Uint8Array<ArrayBuffer>> {
      try {
        const now = inflater.inflateNow(name, bytes);
        if (now !== undefined) return now;
        const inflated = await inflater.inflate(name, bytes, bytes.byteLength);
        inflated.release();
        return inflated.bytes;
      } catch (reason) {
        throw asConnectError(ObsvtyError.from(reason));
      }
    },
  };
}

/** Connect answers INVALID_ARGUMENT for bytes that do not inflate, in all its protocols. */
function asConnectError(error: ObsvtyError): ConnectError {
  return error.code === "corrupt-encoding"
    ? new ConnectError(error.message, Code.InvalidArgument)
    : connectErrorOf(error);
}
