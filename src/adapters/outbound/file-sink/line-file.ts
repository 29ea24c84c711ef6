import { constants } from "node:fs";
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { endOfLastLine } from "./torn-line.ts";

/** A file that cannot be used. Its code is shown to people: the operating system's, or one that obsvty made up. */
export class FileFault extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface LineFileOptions {
  readonly path: string;
  /** Files that are kept, with the one that is written. */
  readonly maxFiles: number;
  /** It is called when the last line was torn, with the number of its bytes that have been cut off. */
  readonly onTorn: (bytes: number) => void;
}

/** Telemetry may be confidential: the file is for its owner alone. */
const fileMode = 0o600;

/** A file of lines that is written at its end, by nobody else, and rotated: put aside under a name with the time. */
export class LineFile {
  readonly #options: LineFileOptions;
  #handle: FileHandle | undefined;
  #size = 0;
  /** Where the file has to be cut before more is written. */
  #cutAt: number | undefined;

  constructor(options: LineFileOptions) {
    this.#options = options;
  }

  /** Bytes that are written. */
  get size(): number {
    return this.#size;
  }

  /**
   * Makes the file ready to be written: opens it when it is not open, or when it was moved or deleted, and cuts off
   * what a write that failed has left.
   * @throws an error with a `code`
   */
  async prepare(): Promise<void> {
    const { path } = this.#options;
    const found = await stat(path).catch((reason: NodeJS.ErrnoException) => {
      if (reason.code === "ENOENT") return undefined;
      throw reason;
    });
    if (this.#handle !== undefined) {
      const own = await this.#handle.stat();
      if (found === undefined || found.ino !== own.ino || found.dev !== own.dev) await this.close();
      else this.#size = own.size;
    }
    if (this.#handle === undefined) {
      if (found !== undefined && !found.isFile()) throw new FileFault("not a file", "is not a regular file");
      await this.#open();
    }
    if (this.#cutAt !== undefined && this.#cutAt < this.#size) await this.cutTo(this.#cutAt);
    this.#cutAt = undefined;
  }

  /** Writes at the end. When it fails, a part may be there, until `cutTo`. */
  async append(bytes: Uint8Array): Promise<void> {
    const handle = this.#opened();
    for (let at = 0; at < bytes.byteLength; ) {
      const { bytesWritten } = await handle.write(bytes, at, bytes.byteLength - at, this.#size);
      if (bytesWritten === 0) throw new FileFault("short write", "takes no more bytes");
      at += bytesWritten;
      this.#size += bytesWritten;
    }
  }

  /** Takes back what was written behind `size`. When that fails, `prepare` tries again. */
  async cutTo(size: number): Promise<void> {
    const handle = this.#opened();
    this.#cutAt = size;
    await handle.truncate(size);
    this.#cutAt = undefined;
    this.#size = size;
  }

  /** Puts the file aside, begins a new one, and deletes the oldest ones. */
  async rotate(): Promise<void> {
    const { path } = this.#options;
    await this.close();
    await rename(path, await this.#freeName());
    await this.#open();
    await this.#deleteOldest();
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#cutAt = undefined;
    await handle?.close();
  }

  #opened(): FileHandle {
    if (this.#handle === undefined) throw new FileFault("not open", "is not open");
    return this.#handle;
  }

  async #open(): Promise<void> {
    const { path, onTorn } = this.#options;
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT, fileMode);
    try {
      const { size } = await handle.stat();
      const { end, isOurs, lacksNewline } = await endOfLastLine(handle, size);
      if (!isOurs) throw new FileFault("foreign file", "holds something else than OTLP/JSON lines");
      if (end < size) {
        await handle.truncate(end);
        onTorn(size - end);
      }
      this.#handle = handle;
      this.#size = end;
      if (lacksNewline) await this.append(Buffer.from("\n"));
    } catch (reason) {
      this.#handle = undefined;
      await handle.close();
      throw reason;
    }
  }

  /**
   * The name is like those that the Collector's file exporter gives rotated files:
   * `spans-2026-11-26T18-05-15.123.json`.
   */
  async #freeName(): Promise<string> {
    const { folder, before, after } = this.#names();
    for (let ms = Date.now(); ; ms++) {
      const stamp = new Date(ms).toISOString().slice(0, -1).replaceAll(":", "-");
      const name = join(folder, `${before}${stamp}${after}`);
      if ((await stat(name).catch(() => undefined)) === undefined) return name;
    }
  }

  async #deleteOldest(): Promise<void> {
    const { folder, before, after } = this.#names();
    const isRotated = (name: string) =>
      name.startsWith(before) &&
      name.endsWith(after) &&
      /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}$/.test(name.slice(before.length, name.length - after.length));
    // What cannot be deleted now is deleted after another rotation.
    const names = await readdir(folder).catch(() => []);
    const rotated = names.filter(isRotated).sort();
    const left = this.#options.maxFiles - 1;
    for (const name of rotated.slice(0, Math.max(0, rotated.length - left))) {
      await rm(join(folder, name)).catch(() => {});
    }
  }

  #names() {
    const { path } = this.#options;
    const after = extname(path);
    return { folder: dirname(path), before: `${basename(path, after)}-`, after };
  }
}
