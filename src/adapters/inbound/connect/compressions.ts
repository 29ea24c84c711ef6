import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import { compressionGzip } from "@connectrpc/connect-node";
import { ObsvtyError } from "../../../domain/errors.ts";
import { type BodyEncoding, inflateAside } from "../body/inflate.ts";
import { connectErrorOf } from "../responses/connect-error.ts";

/** What Connect inflates and compresses: the same encodings as everywhere, in the same order of preference. */
export const compressions: readonly Compression[] = [
  compressionGzip,
  ...(zlib.zstdCompress === undefined ? [] : [compressionOf("zstd", promisify(zlib.zstdCompress))]),
  compressionOf("deflate", promisify(zlib.deflate)),
];

function compressionOf(
  name: BodyEncoding,
  compress: (bytes: zlib.InputType) => Promise<Uint8Array<ArrayBuffer>>,
): Compression {
  return {
    name,
    compress: (bytes) => compress(bytes),
    decompress: (bytes, readMaxBytes) =>
      bytes.byteLength === 0
        ? Promise.resolve(new Uint8Array())
        : inflateAside(name, bytes, readMaxBytes).catch((reason) => {
            throw inConnectsTerms(ObsvtyError.from(reason));
          }),
  };
}

/** Connect blames the caller for what does not inflate, in all its protocols, and so for its own gzip too. */
function inConnectsTerms(error: ObsvtyError): ConnectError {
  return error.code === "corrupt-encoding"
    ? new ConnectError(error.message, Code.InvalidArgument)
    : connectErrorOf(error);
}
