import * as zlib from "node:zlib";
import type { Chunks } from "./file-lines.ts";

/** A compression of files, which is known by their first bytes. */
interface Compression {
  readonly name: string;
  readonly magic: Uint8Array;
  /** Undefined when this Node lacks it. */
  readonly create: (() => Inflater) | undefined;
}

type Inflater = zlib.Gunzip | zlib.ZstdDecompress;

const options = { chunkSize: 256 * 1_024 };
const zstd = (magic: readonly number[]): Compression => ({
  name: "zstd",
  magic: Uint8Array.from(magic),
  create: zlib.createZstdDecompress && (() => zlib.createZstdDecompress(options)),
});

/**
 * RFC 1952, 2.3.1, and RFC 8878, 3.1. No request begins so: JSON does not, and as a length of protobuf these bytes are
 * more than any that is taken. A file of zstd may begin with a frame to be skipped, as that of pzstd does.
 */
const compressions: readonly Compression[] = [
  { name: "gzip", magic: Uint8Array.of(0x1f, 0x8b, 8), create: () => zlib.createGunzip(options) },
  zstd([0x28, 0xb5, 0x2f, 0xfd]),
  ...Array.from({ length: 16 }, (_, i) => zstd([0x50 + i, 0x2a, 0x4d, 0x18])),
];
const longestMagic = Math.max(...compressions.map(({ magic }) => magic.byteLength));

/** So many bytes are decompressed at a time. What comes of them is held: of zstd it can be 30,000 times as much. */
const sliceBytes = 1_024;

/** A compressed file that cannot be decompressed, or not to its end. */
export class DamagedFile extends Error {}

/**
 * The bytes of a file, decompressed when they begin as a file of gzip or zstd does. All that stands before a damage is
 * handed on before the error.
 * @throws DamagedFile
 */
export async function* inflated(chunks: Chunks): AsyncGenerator<Uint8Array> {
  let compression: Compression | undefined;
  let inflating: Inflating | undefined;
  let head: Uint8Array | undefined = new Uint8Array();
  for await (const chunk of chunks) {
    let bytes: Uint8Array = chunk;
    if (head !== undefined) {
      head = Buffer.concat([head, chunk]);
      if (head.byteLength < longestMagic) continue;
      bytes = head;
      head = undefined;
      compression = compressionOf(bytes);
      inflating = compression && new Inflating(compression);
    }
    if (inflating === undefined) yield bytes;
    else yield* inflating.inflate(bytes);
  }
  if (head !== undefined && head.byteLength > 0) yield head;
  if (inflating !== undefined) yield* inflating.end();
}

function compressionOf(bytes: Uint8Array): Compression | undefined {
  return compressions.find(({ magic }) => magic.every((byte, at) => bytes[at] === byte));
}

class Inflating {
  readonly #name: string;
  readonly #create: () => Inflater;
  #inflater: Inflater;
  #output: Uint8Array[] = [];
  #failure: NodeJS.ErrnoException | undefined;
  #onFailure = () => {};
  #hasEnded = false;
  /** What the present inflater was given. */
  #given = 0;

  constructor({ name, create }: Compression) {
    if (create === undefined) {
      throw new DamagedFile(`it is compressed with ${name}, which Node ${process.versions.node} cannot read`);
    }
    this.#name = name;
    this.#create = create;
    this.#inflater = this.#begin();
  }

  async *inflate(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.byteLength; at += sliceBytes) {
      let slice = this.#withoutPadding(bytes.subarray(at, at + sliceBytes));
      while (slice.byteLength > 0) {
        slice = this.#withoutPadding(await this.#write(slice));
        yield* this.#take();
      }
    }
  }

  /** @throws DamagedFile when the bytes end in the middle */
  async *end(): AsyncGenerator<Uint8Array> {
    if (this.#given === 0) {
      this.#inflater.destroy();
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#inflater.once("close", resolve);
    this.#inflater.end();
    if (!this.#inflater.closed) await promise;
    yield* this.#take();
  }

  #begin(): Inflater {
    this.#hasEnded = false;
    this.#given = 0;
    const inflater = this.#create();
    inflater.on("data", (chunk: Uint8Array) => this.#output.push(chunk));
    inflater.on("error", (reason) => {
      this.#failure = reason;
      this.#onFailure();
    });
    inflater.on("end", () => {
      this.#hasEnded = true;
    });
    return inflater;
  }

  /** Zeros behind the end are no part of the file: tapes and downloads fill up with them. */
  #withoutPadding(slice: Uint8Array): Uint8Array {
    if (this.#given > 0) return slice;
    const at = slice.findIndex((byte) => byte !== 0);
    return slice.subarray(at === -1 ? slice.byteLength : at);
  }

  /** @returns what stands behind the end of what the inflater takes for the whole */
  async #write(slice: Uint8Array): Promise<Uint8Array> {
    this.#given += slice.byteLength;
    await new Promise<void>((resolve) => {
      // The write that fails is not called back.
      this.#onFailure = resolve;
      this.#inflater.write(slice, () => resolve());
    });
    if (this.#failure !== undefined) return slice.subarray(slice.byteLength);
    const rest = this.#given - this.#inflater.bytesWritten;
    if (rest === 0 && !this.#hasEnded) return slice.subarray(slice.byteLength);
    this.#inflater.destroy();
    this.#inflater = this.#begin();
    return slice.subarray(slice.byteLength - rest);
  }

  *#take(): Generator<Uint8Array> {
    const output = this.#output;
    this.#output = [];
    yield* output;
    const { code } = this.#failure ?? {};
    if (this.#failure === undefined) return;
    throw new DamagedFile(
      code === "Z_BUF_ERROR"
        ? `its ${this.#name} ends in the middle: it is not whole`
        : `its ${this.#name} is damaged (${code ?? "unknown error"})`,
    );
  }
}
