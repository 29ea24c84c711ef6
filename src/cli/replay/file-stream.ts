import { constants, createReadStream, openSync, type Stats } from "node:fs";
import { Socket } from "node:net";
import { addAbortSignal, type Readable } from "node:stream";

const chunkBytes = 256 * 1_024;

/** The bytes of a file, which it reads in pieces. It ends with an error at the abort. */
export function openFile(path: string, stats: Stats, abort: AbortSignal): Readable {
  if (!stats.isFIFO()) return createReadStream(path, { highWaterMark: chunkBytes, signal: abort });
  // To open a pipe that nobody writes takes a thread until somebody does, and the process could not end before. Opened
  // without waiting, it is polled like a connection.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return addAbortSignal(abort, new Socket({ fd, readable: true, writable: false }));
}
