/** An exporter repeats its mistake: a line a minute is enough to find it. */
const everyMs = 60_000;
const maxKinds = 256;

/** Tells which of the warnings that callers cause are worth a line: the first of its kind, and one each minute. */
export class WarningLimit {
  readonly #shownMs = new Map<string, number>();
  readonly #maxKinds: number;

  /** @param max kinds that are remembered; what is beyond is not shown */
  constructor(max = maxKinds) {
    this.#maxKinds = max;
  }

  isDue(kind: string): boolean {
    const nowMs = Date.now();
    const shownMs = this.#shownMs.get(kind);
    if (shownMs !== undefined && nowMs - shownMs < everyMs) return false;
    if (shownMs === undefined && this.#shownMs.size >= this.#maxKinds) this.#forget(nowMs - everyMs);
    if (shownMs === undefined && this.#shownMs.size >= this.#maxKinds) return false;
    this.#shownMs.set(kind, nowMs);
    return true;
  }

  #forget(untilMs: number): void {
    for (const [kind, shownMs] of this.#shownMs) {
      if (shownMs <= untilMs) this.#shownMs.delete(kind);
    }
  }
}
