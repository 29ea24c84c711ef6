import type { Logger } from "pino";
import type { TlsFiles } from "./pem-files.ts";

/** The messages of the log. */
export interface ReloadTexts {
  readonly reloaded: string;
  readonly refused: string;
  readonly expired: string;
  readonly notYetValid: string;
}

export interface ReloadOptions<Files extends TlsFiles> {
  readonly current: Files;
  /** Reads the files and checks them. Rejects with a ConfigError when they cannot be used. */
  readonly read: () => Promise<Files | undefined>;
  /** Gets credentials that differ from the current ones. Called for new connections only. */
  readonly use: (credentials: Files) => void;
  readonly logger: Pick<Logger, "info" | "warn">;
  readonly texts: ReloadTexts;
  /** @default 5000 */
  readonly intervalMs?: number;
}

/**
 * Takes new credentials over when the files change. The content is compared at short intervals: events of the
 * file system are lost where a directory is swapped by its symlink (Kubernetes), on network file systems and
 * in bind mounts.
 */
export class CredentialReload<Files extends TlsFiles> {
  readonly #options: ReloadOptions<Files>;
  readonly #timer: NodeJS.Timeout;
  #current: Files;
  /** What was said of the validity of the current certificate. */
  #saidOfValidity: string | undefined;
  #reported: string | undefined;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: ReloadOptions<Files>) {
    this.#options = options;
    this.#current = options.current;
    this.#timer = setInterval(() => this.#look(), options.intervalMs ?? 5_000);
    this.#timer.unref();
    this.#warnIfInvalid();
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
    const { read, logger, texts, use } = this.#options;
    try {
      const credentials = await read();
      this.#reported = undefined;
      if (credentials === undefined || sameCredentials(credentials, this.#current)) {
        return;
      }
      use(credentials);
      this.#current = credentials;
      this.#saidOfValidity = undefined;
      logger.info({ validTo: credentials.validTo }, texts.reloaded);
    } catch (reason) {
      const { message } = reason as Error;
      if (message !== this.#reported) {
        this.#reported = message;
        logger.warn({ reason: message }, texts.refused);
      }
    } finally {
      this.#warnIfInvalid();
    }
  }

  /** A certificate also expires while it is in use. */
  #warnIfInvalid(): void {
    const { validFrom, validTo } = this.#current;
    if (validFrom === undefined || validTo === undefined) return;
    const { logger, texts } = this.#options;
    const nowMs = Date.now();
    const text =
      validTo.getTime() < nowMs ? texts.expired : validFrom.getTime() > nowMs ? texts.notYetValid : undefined;
    if (text !== undefined && text !== this.#saidOfValidity) logger.warn({ validFrom, validTo }, text);
    this.#saidOfValidity = text;
  }
}

function sameCredentials(a: TlsFiles, b: TlsFiles): boolean {
  const same = (one: Buffer | undefined, other: Buffer | undefined) =>
    one === undefined || other === undefined ? one === other : one.equals(other);
  return same(a.cert, b.cert) && same(a.key, b.key) && same(a.ca, b.ca);
}
