import { ObsvtyError } from "../../domain/errors.ts";
import { bySignal, type Signal, signals } from "../../domain/signal.ts";
import type { SinkPolicy } from "../../domain/sink-policy.ts";
import type { TelemetrySink } from "../../ports/telemetry-sink.ts";
import type { ArrivalTimes } from "./arrival-times.ts";
import { BacklogGrowth } from "./backlog-growth.ts";
import { type Confirmation, Confirmations } from "./confirmations.ts";
import { type BatchRange, Lane, type LaneOptions } from "./lane.ts";
import { type HandOnLog, LaneLog, SinkStateLog } from "./sink-log.ts";
import { type LaneState, type SinkState, totalOf } from "./sink-state.ts";

export interface SinkLanesOptions extends Omit<LaneOptions, "signal" | "listener" | "unixNowMs"> {
  readonly log: HandOnLog;
  readonly arrivalTimes: Readonly<Record<Signal, ArrivalTimes>>;
  readonly onPosition: (signal: Signal) => void;
}

/** What is left of a sink's backlog when it ends. */
export interface LeftBehind {
  readonly name: string;
  readonly policy: SinkPolicy;
  readonly items: number;
  readonly bytes: number;
}

/** While a sink that confirms fails, one export in this time is let through, to try it. */
const tryEachMs = 1_000;

/** One sink with its lanes, one a signal. */
export class SinkLanes {
  readonly policy: SinkPolicy;
  readonly #options: SinkLanesOptions;
  readonly #sink: TelemetrySink;
  readonly #lanes: Readonly<Record<Signal, Lane>>;
  readonly #logs: Readonly<Record<Signal, LaneLog>>;
  readonly #stateLog: SinkStateLog;
  readonly #confirmations: Readonly<Record<Signal, Confirmations>>;
  readonly #admittedAtMs = bySignal(() => Number.NEGATIVE_INFINITY);
  readonly #growth = new BacklogGrowth();

  constructor(options: SinkLanesOptions) {
    const { sink, policy, log, timers } = options;
    this.policy = policy;
    this.#options = options;
    this.#sink = sink;
    this.#stateLog = new SinkStateLog(log, timers, sink.name);
    this.#logs = bySignal((signal) => new LaneLog(log, timers, sink.name, signal));
    this.#confirmations = bySignal(() => new Confirmations(timers));
    this.#lanes = bySignal((signal) => this.#createLane(signal));
  }

  get name(): string {
    return this.#sink.name;
  }

  #createLane(signal: Signal): Lane {
    const log = this.#logs[signal];
    const confirmations = this.#confirmations[signal];
    return new Lane({
      ...this.#options,
      signal,
      unixNowMs: Date.now,
      listener: {
        onPosition: () => this.#options.onPosition(signal),
        onOutcome: (range, outcome) => {
          confirmations.onOutcome(range, outcome);
          if (outcome.refused > 0) {
            if (outcome.code === undefined) log.rejected(outcome.refused);
            else log.refused(outcome.refused, outcome.code);
          }
          this.#tellState();
        },
        onMissed: (range) => {
          confirmations.onMissed(range);
          log.missed(range.end - range.from);
        },
        onFailure: (code) => {
          this.#stateLog.failed(signal, code);
          this.#tellState();
        },
      },
    });
  }

  #tellState(): void {
    this.#stateLog.tell(signals.some((signal) => this.#lanes[signal].gate.isFailing));
  }

  start(): void {
    for (const signal of signals) this.#lanes[signal].start();
  }

  position(signal: Signal): number {
    return this.#lanes[signal].position;
  }

  /** See `HandOn.admit`. */
  admit(signal: Signal): ObsvtyError | undefined {
    const { gate } = this.#lanes[signal];
    if (this.policy !== "confirmed" || !gate.isFailing) return undefined;
    const { timers } = this.#options;
    const waitMs = gate.waitMs;
    const sinceMs = timers.now() - this.#admittedAtMs[signal];
    if (sinceMs >= tryEachMs && waitMs <= tryEachMs) {
      this.#admittedAtMs[signal] = timers.now();
      return undefined;
    }
    return new ObsvtyError("sink-unavailable", `${this.#sink.name} takes no ${signal} now`, {
      retryAfterMs: Math.max(tryEachMs, waitMs),
    });
  }

  confirm(signal: Signal, range: BatchRange, deadlineMs: number): Promise<Confirmation> {
    return this.#confirmations[signal].wait(range, deadlineMs);
  }

  /** See `HandOn.answerBefore`. */
  answerBefore(endMs: number): void {
    for (const signal of signals) this.#confirmations[signal].end(endMs);
  }

  state(): SinkState {
    const nowMs = this.#options.timers.now();
    const stateOf = (signal: Signal): LaneState => {
      const lane = this.#lanes[signal];
      const { items, bytes } = lane.backlog();
      const { delivered, retried, missed, refused, isRefusing, lastFailure } = lane.figures;
      return {
        isFailing: lane.gate.isFailing,
        isRefusing,
        backlogItems: items,
        backlogBytes: bytes,
        oldestMs: items === 0 ? 0 : this.#options.arrivalTimes[signal].ageMs(lane.position, nowMs),
        delivered,
        retried,
        missed,
        refused,
        lastFailure,
      };
    };
    return { name: this.#sink.name, policy: this.policy, signals: bySignal(stateOf) };
  }

  /** HandOn calls it each second. */
  tick(): void {
    const state = this.state();
    for (const signal of signals) this.#logs[signal].tell();
    this.#tellState();
    const { backlogItems, backlogBytes, oldestMs } = totalOf(state);
    if (!this.#growth.sample(backlogItems)) return;
    const oldestSeconds = Math.round(oldestMs / 1_000);
    const fields = { sink: state.name, items: backlogItems, bytes: backlogBytes, oldestSeconds };
    this.#options.log.warn(fields, "the backlog of the sink has only grown for a minute");
  }

  /** Hands on what is left without waiting for more. */
  async flush(): Promise<void> {
    await Promise.all(signals.map((signal) => this.#lanes[signal].flush()));
  }

  /** Gives up what is under way. */
  end(): LeftBehind {
    for (const signal of signals) this.#lanes[signal].end();
    const { backlogItems, backlogBytes } = totalOf(this.state());
    return { name: this.#sink.name, policy: this.policy, items: backlogItems, bytes: backlogBytes };
  }

  close(): Promise<void> {
    return this.#sink.close();
  }
}
