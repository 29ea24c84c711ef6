import { createReadStream, statSync } from "node:fs";
import type { Signal } from "../../domain/signal.ts";
import { UsageError } from "../flags/usage-error.ts";
import type { FilePart } from "./file-requests.ts";
import { JsonLines } from "./json-lines.ts";
import { readPrefixed } from "./prefixed-messages.ts";

const chunkBytes = 256 * 1_024;

/** A file that is replayed. */
interface Source {
  readonly name: string;
  readonly open: () => AsyncIterable<Uint8Array>;
}

/** The files of a replay, in order. */
export class Sources {
  /** The bytes of all files; undefined when it is not known, as of stdin. */
  readonly byteLength: number | undefined;
  /** Bytes that were read since `parts` was called last. */
  bytesRead = 0;
  readonly #sources: readonly Source[];
  readonly #signal: Signal | undefined;

  /**
   * @param paths "-" is stdin
   * @param signal of files of protobuf
   * @throws UsageError that names a file that cannot be read
   */
  constructor(paths: readonly string[], stdin: AsyncIterable<Uint8Array>, signal: Signal | undefined) {
    this.#signal = signal;
    const sizes: (number | undefined)[] = [];
    this.#sources = paths.map((path) => {
      if (path === "-") {
        sizes.push(undefined);
        return { name: "stdin", open: () => stdin };
      }
      const stats = statOf(path);
      sizes.push(stats.isFile() ? stats.size : undefined);
      return { name: path, open: () => createReadStream(path, { highWaterMark: chunkBytes }) };
    });
    this.byteLength = sizes.reduce(
      (sum, size) => (sum === undefined || size === undefined ? undefined : sum + size),
      0,
    );
  }

  /** All that stands in the files, in order. */
  async *parts(): AsyncGenerator<FilePart> {
    this.bytesRead = 0;
    const lines = new JsonLines();
    for (const { name, open } of this.#sources) {
      const chunks = this.#counted(name, open());
      yield* this.#signal === undefined ? lines.read(chunks, name) : readPrefixed(chunks, name, this.#signal);
    }
  }

  async *#counted(name: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of chunks) {
        this.bytesRead += chunk.byteLength;
        yield chunk;
      }
    } catch (reason) {
      // Without a cause, which would be taken for a fault of the network.
      throw new Error(`${name} cannot be read (${codeOf(reason)})`);
    }
  }
}

function statOf(path: string) {
  try {
    const stats = statSync(path);
    if (!stats.isDirectory()) return stats;
  } catch (reason) {
    throw new UsageError(`${JSON.stringify(path)} cannot be read (${codeOf(reason)})`);
  }
  throw new UsageError(`${JSON.stringify(path)} is a folder`);
}

function codeOf(reason: unknown): string {
  return (reason as NodeJS.ErrnoException).code ?? "unknown error";
}
