import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { UsageError } from "../flags/usage-error.ts";

/** Telemetry may be confidential: a new file is for its owner alone. */
const fileMode = 0o600;
const modeBits = 0o777;

/**
 * A file that is there under its name once it is whole. It is written beside it, under a name that ends in `.part`, so
 * that a file of the same name stays as it is until then. What is no regular file, such as a pipe, is written as it is.
 */
export class WholeFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  /** Where it is written meanwhile, and the file whose place it takes. */
  readonly #part: { readonly path: string; readonly target: string } | undefined;

  private constructor(path: string, handle: FileHandle, part?: { path: string; target: string }) {
    this.#path = path;
    this.#handle = handle;
    this.#part = part;
  }

  /** @throws UsageError that names the flag when it cannot be written */
  static async open(path: string, flag = "--output"): Promise<WholeFile> {
    try {
      const found = await stat(path).catch(ifAbsent);
      if (found !== undefined && !found.isFile()) return new WholeFile(path, await open(path, "w"));
      // Of a link, what it leads to is written.
      const target = found === undefined ? path : await realpath(path);
      const part = { path: `${target}.${process.pid}.part`, target };
      const handle = await open(part.path, "wx", fileMode);
      // Whoever could read a file that was there can read the new one.
      if (found !== undefined) await handle.chmod(found.mode & modeBits);
      return new WholeFile(path, handle, part);
    } catch (reason) {
      throw new UsageError(`${flag}: ${JSON.stringify(path)} cannot be written (${codeOf(reason)})`);
    }
  }

  /** @throws an error that says that the file cannot be written */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#try(() => this.#handle.writeFile(bytes));
  }

  /** Closes the file, and gives it its name. */
  async finish(): Promise<void> {
    const part = this.#part;
    await this.#try(async () => {
      await this.#handle.close();
      if (part !== undefined) await rename(part.path, part.target);
    });
  }

  /** Closes the file, and leaves nothing of it. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {});
    if (this.#part !== undefined) await rm(this.#part.path, { force: true });
  }

  async #try(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (reason) {
      // Without a cause, which would be taken for a fault of the network.
      throw new Error(`${this.#path} cannot be written (${codeOf(reason)})`);
    }
  }
}

function ifAbsent(reason: NodeJS.ErrnoException): undefined {
  if (reason.code !== "ENOENT") throw reason;
}

function codeOf(reason: unknown): string {
  return (reason as NodeJS.ErrnoException).code ?? "unknown error";
}
