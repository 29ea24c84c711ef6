interface Mark {
  /** Items from this ordinal on arrived after this time. */
  readonly next: number;
  readonly ms: number;
}

const maxMarks = 512;

/** When the items of a signal arrived, to the second or so: how far the log had come at some moments. */
export class ArrivalTimes {
  #marks: Mark[] = [];

  /** @param next ordinal that the next item gets */
  note(next: number, ms: number): void {
    const last = this.#marks.at(-1);
    if (last?.next === next) {
      // Nothing arrived: the next item will arrive after now.
      this.#marks[this.#marks.length - 1] = { next, ms };
      return;
    }
    this.#marks.push({ next, ms });
    if (this.#marks.length <= maxMarks) return;
    // The older half becomes coarser: of what is old, a second does not matter.
    const half = maxMarks / 2;
    this.#marks = this.#marks.filter((_, i) => i >= half || i % 2 === 0);
  }

  /** How long ago the item arrived, at most. */
  ageMs(ordinal: number, nowMs: number): number {
    const mark = this.#marks.findLast(({ next }) => next <= ordinal) ?? this.#marks[0];
    return mark === undefined ? 0 : Math.max(0, nowMs - mark.ms);
  }

  /** Forgets what is only about items before this ordinal. */
  forget(ordinal: number): void {
    const first = this.#marks.findLastIndex(({ next }) => next <= ordinal);
    if (first > 0) this.#marks.splice(0, first);
  }
}
