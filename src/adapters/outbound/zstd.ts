import * as zlib from "node:zlib";
import { ObsvtyError } from "../../domain/errors.ts";

/**
 * Not every Node has zstd.
 * @throws ObsvtyError `invalid-argument` when zstd is asked for and this Node lacks it
 */
export function refuseMissingZstd(compression: string): void {
  if (compression !== "zstd" || zlib.zstdCompressSync !== undefined) return;
  throw new ObsvtyError("invalid-argument", `Node ${process.versions.node} has no zstd`);
}
