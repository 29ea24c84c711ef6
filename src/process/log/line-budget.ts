/** The bytes of all lines together, in one second. */
const maxBytes = 2 ** 17;
const everyMs = 1_000;

/** Bounds the bytes of the log in a second. Lines beyond them are left out, and their number is told afterwards. */
export class LineBudget {
  readonly #onOmitted: (lines: number) => void;
  #left = maxBytes;
  #omitted = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onOmitted called at the end of each second in which lines were left out */
  constructor(onOmitted: (lines: number) => void) {
    this.#onOmitted = onOmitted;
  }

  /** Whether a line may be written. One for which it answers false counts as left out. */
  take(line: string): boolean {
    this.#timer ??= setTimeout(() => this.renew(), everyMs).unref();
    const bytes = Buffer.byteLength(line);
    if (bytes > this.#left) {
      this.#omitted += 1;
      return false;
    }
    this.#left -= bytes;
    return true;
  }

  /** Begins anew, and tells what was left out until now. */
  renew(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#left = maxBytes;
    const omitted = this.#omitted;
    this.#omitted = 0;
    if (omitted > 0) this.#onOmitted(omitted);
  }
}
