import { statSync } from "node:fs";
import { addAbortSignal, type Readable } from "node:stream";
import type { Signal } from "../../domain/signal.ts";
import { UsageError } from "../flags/usage-error.ts";
import { byteFigure } from "../output/table.ts";
import { type FilePart, maxBytesWithoutRequest, unreadable } from "./file-requests.ts";
import { openFile } from "./file-stream.ts";
import { DamagedFile, inflated } from "./inflated.ts";
import { JsonLines } from "./json-lines.ts";
import { readPrefixed } from "./prefixed-messages.ts";

/** A file that is replayed. */
interface Source {
  readonly name: string;
  readonly open: (abort: AbortSignal) => Readable;
}

export interface SourcesOptions {
  /** "-" is stdin. */
  readonly paths: readonly string[];
  readonly stdin: Readable;
  /** The signal of files of protobuf; undefined for OTLP/JSON. */
  readonly signal: Signal | undefined;
  /** Reading ends at the abort, whatever it waits for. */
  readonly abort: AbortSignal;
  readonly maxBytesWithoutRequest?: number;
}

/** The files of a replay, in order. Those that are compressed with gzip or zstd are decompressed. */
export class Sources {
  /** The bytes of all files; undefined when it is not known, as of stdin. */
  readonly byteLength: number | undefined;
  /** False of stdin and of a pipe. */
  readonly canBeReadTwice: boolean;
  /** Bytes that were read since `parts` was called last. */
  bytesRead = 0;
  readonly #sources: readonly Source[];
  readonly #options: Required<Omit<SourcesOptions, "paths" | "stdin">>;

  /** @throws UsageError that names a file that cannot be read */
  constructor({ paths, stdin, ...options }: SourcesOptions) {
    this.#options = { maxBytesWithoutRequest, ...options };
    const sizes: (number | undefined)[] = [];
    let isReadOnce = paths.includes("-");
    this.#sources = paths.map((path) => {
      if (path === "-") {
        sizes.push(undefined);
        return { name: "stdin", open: (abort) => addAbortSignal(abort, stdin) };
      }
      const stats = statOf(path);
      isReadOnce ||= stats.isFIFO();
      sizes.push(stats.isFile() ? stats.size : undefined);
      return { name: path, open: (abort) => openFile(path, stats, abort) };
    });
    this.canBeReadTwice = !isReadOnce;
    this.byteLength = sizes.reduce(
      (sum, size) => (sum === undefined || size === undefined ? undefined : sum + size),
      0,
    );
  }

  /** All that stands in the files, in order; up to the abort. */
  async *parts(): AsyncGenerator<FilePart> {
    this.bytesRead = 0;
    const lines = new JsonLines();
    const { signal, abort } = this.#options;
    for (const source of this.#sources) {
      const reading = { source, hasRequest: false };
      const chunks = this.#chunks(reading);
      try {
        for await (const part of signal === undefined
          ? lines.read(chunks, source.name)
          : readPrefixed(chunks, source.name, signal)) {
          if (abort.aborted) return;
          reading.hasRequest ||= part.kind === "request";
          yield part;
        }
      } catch (reason) {
        if (abort.aborted) return;
        if (!(reason instanceof NoRequests || reason instanceof DamagedFile)) throw reason;
        yield unreadable(source.name, reason.message);
      }
    }
  }

  async *#chunks(reading: Reading): AsyncGenerator<Uint8Array> {
    const { maxBytesWithoutRequest } = this.#options;
    let bytesRead = 0;
    for await (const chunk of inflated(this.#bytesOf(reading.source))) {
      bytesRead += chunk.byteLength;
      yield chunk;
      if (!reading.hasRequest && bytesRead >= maxBytesWithoutRequest) throw new NoRequests(bytesRead);
    }
  }

  /** The bytes of a file as they are stored. */
  async *#bytesOf({ name, open }: Source): AsyncGenerator<Uint8Array> {
    const { abort } = this.#options;
    try {
      for await (const chunk of open(abort)) {
        this.bytesRead += chunk.byteLength;
        yield chunk;
      }
    } catch (reason) {
      // Without a cause, which would be taken for a fault of the network.
      throw new Error(`${name} cannot be read (${codeOf(reason)})`);
    }
    // What stands here as the last line, or message, is not torn.
    abort.throwIfAborted();
  }
}

interface Reading {
  readonly source: Source;
  hasRequest: boolean;
}

class NoRequests extends Error {
  constructor(bytesRead: number) {
    super(`no request in its first ${byteFigure(bytesRead)}, so that the rest is not read`);
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
