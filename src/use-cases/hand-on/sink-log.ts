import type { Signal } from "../../domain/signal.ts";
import type { Timers } from "./timers.ts";

/** The log, as handing on writes to it; pino has this form. */
export interface HandOnLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

const minuteMs = 60_000;

/** Counts what happens, and logs it at once and then at most once a minute. */
class Tally {
  #count = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  add(count: number): void {
    this.#count += count;
  }

  /** The count to tell now; 0 when there is none, or it is too early. */
  due(nowMs: number): number {
    if (this.#count === 0 || nowMs - this.#toldAtMs < minuteMs) return 0;
    const count = this.#count;
    this.#count = 0;
    this.#toldAtMs = nowMs;
    return count;
  }
}

/**
 * What is logged of one signal on its way to one sink: a few lines a minute, whatever happens. Reasons are told by
 * their codes, since what an upstream says may hold anything.
 */
export class LaneLog {
  readonly #log: HandOnLog;
  readonly #timers: Timers;
  readonly #fields: { readonly sink: string; readonly signal: Signal };
  readonly #missed = new Tally();
  readonly #refused = new Tally();
  readonly #rejected = new Tally();
  #refusalCode = "";

  constructor(log: HandOnLog, timers: Timers, sink: string, signal: Signal) {
    this.#log = log;
    this.#timers = timers;
    this.#fields = { sink, signal };
  }

  missed(items: number): void {
    this.#missed.add(items);
    this.tell();
  }

  /** Requests as a whole. */
  refused(items: number, code: string): void {
    this.#refused.add(items);
    this.#refusalCode = code;
    this.tell();
  }

  /** Items of requests that were taken. */
  rejected(items: number): void {
    this.#rejected.add(items);
    this.tell();
  }

  /** Writes the lines that are due. To be called now and then. */
  tell(): void {
    const nowMs = this.#timers.now();
    const missed = this.#missed.due(nowMs);
    if (missed > 0) {
      this.#log.warn({ ...this.#fields, items: missed }, "items were evicted before they were handed on");
    }
    const refused = this.#refused.due(nowMs);
    if (refused > 0) {
      const fields = { ...this.#fields, items: refused, code: this.#refusalCode };
      this.#log.warn(fields, "the sink refused requests for good");
    }
    const rejected = this.#rejected.due(nowMs);
    if (rejected > 0) this.#log.warn({ ...this.#fields, items: rejected }, "the sink rejected items");
  }
}

/** Logs when a sink takes nothing of a signal, and when it takes all signals again: once a minute at most. */
export class SinkStateLog {
  readonly #log: HandOnLog;
  readonly #timers: Timers;
  readonly #sink: string;
  readonly #failures = new Tally();
  #isFailureTold = false;
  /** Of the last try that failed. */
  #lastFailure: { readonly signal: Signal; readonly code: string } | undefined;

  constructor(log: HandOnLog, timers: Timers, sink: string) {
    this.#log = log;
    this.#timers = timers;
    this.#sink = sink;
  }

  /** @param code see `Delivery` */
  failed(signal: Signal, code: string): void {
    this.#lastFailure = { signal, code };
  }

  /**
   * Writes the line that is due. To be called now and then.
   * @param isFailing whether the last try of any signal failed
   */
  tell(isFailing: boolean): void {
    if (!isFailing) {
      if (this.#isFailureTold) this.#log.info({ sink: this.#sink }, "the sink takes items again");
      this.#isFailureTold = false;
      return;
    }
    if (this.#isFailureTold) return;
    this.#failures.add(1);
    if (this.#failures.due(this.#timers.now()) === 0) return;
    this.#isFailureTold = true;
    const fields = { sink: this.#sink, ...this.#lastFailure };
    this.#log.warn(fields, "the sink takes no items now, trying again");
  }
}
