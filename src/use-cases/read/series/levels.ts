import type { StepClock } from "./step-clock.ts";

/** A value lasts until the next one, but no longer than this: then its sender is taken for gone. */
const maxLastingNano = 300e9;

/** The values of one series that stand for a state, such as a temperature: in each step the newest one counts. */
export class Levels {
  readonly #clock: StepClock;
  readonly #add: (step: number, value: number) => void;
  #at: number | undefined;
  #value = 0;

  constructor(clock: StepClock, add: (step: number, value: number) => void) {
    this.#clock = clock;
    this.#add = add;
  }

  /** The time of the newest value; undefined when there is none. */
  get newestAt(): number | undefined {
    return this.#at;
  }

  /** @returns false for a value that is older than one before; it is left out */
  set(at: number, value: number): boolean {
    if (this.#at !== undefined) {
      if (at < this.#at) return false;
      const last = this.#clock.stepOf(this.#at);
      const end = this.#clock.stepOf(at);
      this.#fill(last, at - this.#at <= maxLastingNano ? end : Math.min(end, last + 1));
    }
    this.#at = at;
    this.#value = value;
    return true;
  }

  /** No more values come. */
  end(): void {
    if (this.#at === undefined) return;
    const last = this.#clock.stepOf(this.#at);
    this.#fill(last, last + 1);
    this.#at = undefined;
  }

  #fill(from: number, to: number): void {
    for (let step = Math.max(0, from); step < Math.min(to, this.#clock.count); step++)
      this.#add(step, this.#value);
  }
}

/** More processes that write one series at the same time are not told apart. */
const maxSenders = 128;

/**
 * The levels of one series, which several processes may write: those that are there at the same time have a level each.
 * One that begins after the newest value of another goes on with its level: a process has been started again.
 */
export class LevelsBySender {
  readonly #clock: StepClock;
  readonly #add: (step: number, value: number) => void;
  /** By when a process began. */
  readonly #senders = new Map<number, Levels>();

  constructor(clock: StepClock, add: (step: number, value: number) => void) {
    this.#clock = clock;
    this.#add = add;
  }

  get size(): number {
    return this.#senders.size;
  }

  /** @returns false for a value that is older than one of its process before; it is left out */
  set(startedAt: number, at: number, value: number): boolean {
    return this.#of(startedAt).set(at, value);
  }

  #of(startedAt: number): Levels {
    const known = this.#senders.get(startedAt);
    if (known !== undefined) return known;
    const [before, levels] = this.#endedBy(startedAt) ?? [startedAt, new Levels(this.#clock, this.#add)];
    this.#senders.delete(before);
    this.#senders.set(startedAt, levels);
    return levels;
  }

  /** The one with the newest value of those that may have ended by then; of too many, any. */
  #endedBy(at: number): readonly [startedAt: number, levels: Levels] | undefined {
    let newest: readonly [number, Levels] | undefined;
    for (const entry of this.#senders) {
      const newestAt = entry[1].newestAt ?? at;
      if (newestAt <= at && newestAt > (newest?.[1].newestAt ?? Number.NEGATIVE_INFINITY)) newest = entry;
    }
    if (newest === undefined && this.#senders.size >= maxSenders) [newest] = this.#senders;
    return newest;
  }

  /** No more values come. */
  end(): void {
    for (const levels of this.#senders.values()) levels.end();
  }
}
