import type { Logger } from "pino";
import { type CredentialFiles, type Credentials, readCredentials, sameCredentials } from "./credentials.ts";

export interface ReloadOptions {
  readonly files: CredentialFiles;
  readonly current: Credentials;
  readonly logger: Logger;
  /** Gets credentials that differ from the current ones. Called for new connections only. */
  readonly use: (credentials: Credentials) => void;
  /** @default 5000 */
  readonly intervalMs?: number;
}

/**
 * Takes new credentials over when the files change. The content is compared at short intervals: events of the
 * file system are lost where a directory is swapped by its symlink (Kubernetes), on network file systems and
 * in bind mounts.
 */
export class CredentialReload {
  readonly #options: ReloadOptions;
  readonly #timer: NodeJS.Timeout;
  #current: Credentials;
  #reported: string | undefined;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: ReloadOptions) {
    this.#options = options;
    this.#current = options.current;
    this.#timer = setInterval(() => this.#look(), options.intervalMs ?? 5_000);
    this.#timer.unref();
    this.#warnIfExpired();
  }

  /** Looks at the files at once. Bad credentials are reported once, and the current ones serve on. */
  now(): Promise<void> {
    this.#waiting += 1;
    // A look that has begun already is not enough: it may have read the files before they changed.
    this.#last = this.#last
      .then(() => this.#reload())
      .finally(() => {
        this.#waiting -= 1;
      });
    return this.#last;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    // Looks must not pile up on a file system that does not answer.
    if (this.#waiting === 0) void this.now();
  }

  async #reload(): Promise<void> {
    const { files, logger, use } = this.#options;
    try {
      const credentials = await readCredentials(files);
      this.#reported = undefined;
      if (credentials === undefined || sameCredentials(credentials, this.#current)) {
        return;
      }
      use(credentials);
      this.#current = credentials;
      logger.info({ validTo: credentials.validTo }, "TLS certificate reloaded");
      this.#warnIfExpired();
    } catch (reason) {
      const { message } = reason as Error;
      if (message !== this.#reported) {
        this.#reported = message;
        logger.warn({ reason: message }, "TLS certificate not reloaded, the old one serves on");
      }
    }
  }

  #warnIfExpired(): void {
    const { validTo } = this.#current;
    if (validTo.getTime() < Date.now()) {
      this.#options.logger.warn({ validTo }, "the TLS certificate has expired, clients will refuse it");
    }
  }
}
