import type { Transform } from "node:stream";
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import type { Compression } from "@connectrpc/connect/protocol";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { BodyEncoding } from "../body/codecs.ts";
import { inflateOnTheSpot } from "../body/inflate.ts";
import { connectErrorOf } from "../responses/connect-error.ts";
import { overLimitError } from "./library-failure.ts";

/** It compresses what comes in pieces, too. */
interface PieceCompression extends Compression {
  readonly createCompressor: () => Transform;
}

// An answer is compressed once, for one caller: the quickest level takes half the time of zlib's default, or less, for an
// eighth more bytes.
const zlibOptions = { level: zlib.constants.Z_BEST_SPEED };
const zstdOptions = { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } };

/** The encodings that Connect inflates and compresses: those of all protocols, in the same order of preference. */
export function compressionsOf(): readonly PieceCompression[] {
  return [
    compressionOf("gzip", promisify(zlib.gzip), zlib.createGzip, zlibOptions),
    ...(zlib.zstdCompress === undefined
      ? []
      : [compressionOf("zstd", promisify(zlib.zstdCompress), zlib.createZstdCompress, zstdOptions)]),
    compressionOf("deflate", promisify(zlib.deflate), zlib.createDeflate, zlibOptions),
  ];
}

function compressionOf<Options>(
  name: BodyEncoding,
  compress: (bytes: zlib.InputType, options: Options) => Promise<Uint8Array<ArrayBuffer>>,
  createCompressor: (options: Options) => Transform,
  options: Options,
): PieceCompression {
  return {
    name,
    compress: (bytes) => compress(bytes, options),
    createCompressor: () => createCompressor(options),
    // This inflates on the spot: what Connect decodes is short, before and after inflating.
    async decompress(bytes, maxBytes): Promise<Uint8Array<ArrayBuffer>> {
      try {
        return bytes.byteLength === 0 ? new Uint8Array() : inflateOnTheSpot(name, bytes, maxBytes);
      } catch (reason) {
        const error = ObsvtyError.from(reason);
        throw error.code === "too-large" ? overLimitError(maxBytes) : connectErrorOf(error);
      }
    },
  };
}
