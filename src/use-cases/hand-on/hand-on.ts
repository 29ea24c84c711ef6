import { ObsvtyError } from "../../domain/errors.ts";
import { bySignal, type Signal, signals } from "../../domain/signal.ts";
import type { SinkPolicy } from "../../domain/sink-policy.ts";
import type { TelemetrySink } from "../../ports/telemetry-sink.ts";
import type { TelemetryStore } from "../../ports/telemetry-store.ts";
import { type Closable, PromiseNotKept } from "../closing.ts";
import type { Arrivals } from "../ingest/arrivals.ts";
import { ArrivalTimes } from "./arrival-times.ts";
import type { Confirmation } from "./confirmations.ts";
import type { BatchRange } from "./lane.ts";
import { type HandOnLimits, handOnLimits } from "./limits.ts";
import { type LeftBehind, SinkLanes } from "./sink-lanes.ts";
import type { HandOnLog } from "./sink-log.ts";
import type { SinkState } from "./sink-state.ts";
import { realTimers, type Timers } from "./timers.ts";

export interface SinkSetup {
  readonly sink: TelemetrySink;
  readonly policy: SinkPolicy;
}

export interface HandOnOptions {
  readonly store: TelemetryStore;
  readonly arrivals: Arrivals;
  /** No two with the same name. */
  readonly sinks: readonly SinkSetup[];
  readonly log: HandOnLog;
  /** @default handOnLimits */
  readonly limits?: HandOnLimits;
  readonly timers?: Timers;
  /** @default Math.random */
  readonly random?: () => number;
}

const tickMs = 1_000;

/**
 * Hands on what is accepted to the sinks. Each reads the store at its own pace: the store is the only queue, and its
 * bounds bound everything.
 */
export class HandOn implements Closable {
  readonly name = "sinks";
  readonly #store: TelemetryStore;
  readonly #timers: Timers;
  readonly #log: HandOnLog;
  readonly #sinks: readonly SinkLanes[];
  readonly #arrivalTimes = bySignal(() => new ArrivalTimes());
  readonly #stopTicking: () => void;

  constructor(options: HandOnOptions) {
    const { store, log, limits = handOnLimits, timers = realTimers, random = Math.random } = options;
    this.#store = store;
    this.#timers = timers;
    this.#log = log;
    this.#sinks = options.sinks.map(
      (setup) =>
        new SinkLanes({
          ...setup,
          store,
          arrivals: options.arrivals,
          limits,
          timers,
          random,
          log,
          arrivalTimes: this.#arrivalTimes,
          onPosition: (signal) => this.#onPosition(signal),
        }),
    );
    for (const signal of signals) this.#onPosition(signal);
    this.#stopTicking = timers.every(tickMs, () => this.#tick());
    this.#tick();
    for (const sink of this.#sinks) sink.start();
  }

  /** Why an export would not be confirmed now; undefined when it may be. To be asked before it is kept. */
  admit(signal: Signal): ObsvtyError | undefined {
    for (const sink of this.#sinks) {
      const error = sink.admit(signal);
      if (error !== undefined) return error;
    }
    return undefined;
  }

  /**
   * Waits until the sinks that confirm have the items of an export that has just been kept. Undefined when no sink
   * confirms.
   * @param deadlineMs by when the caller wants its answer, on the clock of the timers
   */
  confirm(signal: Signal, range: BatchRange, deadlineMs: number): Promise<Confirmation> | undefined {
    const confirming = this.#sinks.filter(({ policy }) => policy === "confirmed");
    if (confirming.length === 0) return undefined;
    return Promise.all(confirming.map((sink) => sink.confirm(signal, range, deadlineMs))).then(worst);
  }

  /**
   * Has the exports that wait to be confirmed answered before the server ends: those that were not handed on by then
   * are late.
   * @param endMs on the clock of the timers
   */
  answerBefore(endMs: number): void {
    for (const sink of this.#sinks) sink.answerBefore(endMs);
  }

  /**
   * Why what is held must not be cleared; undefined when it may be. Other sinks miss what they have not got, which is
   * counted.
   */
  refusalOfClear(): ObsvtyError | undefined {
    const promised = this.#sinks.filter(({ policy }) => policy !== "best-effort");
    if (promised.length === 0) return undefined;
    const names = promised.map(({ name, policy }) => `${name} (${policy})`).join(" and ");
    const message = `nothing is cleared: what is held is promised to ${names}`;
    return new ObsvtyError("promised-to-sink", message);
  }

  states(): SinkState[] {
    return this.#sinks.map((sink) => sink.state());
  }

  /**
   * Hands on what is left until the abort, then closes the sinks.
   * @throws PromiseNotKept when items are left that were promised
   */
  async close(abort: AbortSignal): Promise<void> {
    this.#stopTicking();
    const aborted = new Promise<void>((resolve) => {
      if (abort.aborted) resolve();
      else abort.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([Promise.all(this.#sinks.map((sink) => sink.flush())), aborted]);
    const left = this.#sinks.map((sink) => sink.end()).filter(({ items }) => items > 0);
    const closing = Promise.allSettled(this.#sinks.map((sink) => sink.close()));
    this.#tellLeft(left);
    await Promise.race([closing, aborted]);
  }

  #tellLeft(left: readonly LeftBehind[]): void {
    if (left.length === 0) return;
    const text = left.map(({ name, items, bytes }) => `${items} (${bytes} bytes) for ${name}`).join(", ");
    const message = `items that were not handed on when the grace ran out: ${text}`;
    // What is left of a sink that confirms was not acknowledged.
    if (left.some(({ policy }) => policy === "lossless")) throw new PromiseNotKept(message);
    this.#log.warn({}, message);
  }

  /** Items that a sink has not got must stay, when that was promised. */
  #onPosition(signal: Signal): void {
    const promising = this.#sinks.filter(({ policy }) => policy === "lossless");
    if (promising.length === 0) return;
    this.#store.pin(signal, Math.min(...promising.map((sink) => sink.position(signal))));
  }

  #tick(): void {
    const nowMs = this.#timers.now();
    for (const signal of signals) {
      const times = this.#arrivalTimes[signal];
      times.note(this.#store.range(signal).next, nowMs);
      times.forget(Math.min(...this.#sinks.map((sink) => sink.position(signal))));
    }
    for (const sink of this.#sinks) sink.tick();
  }
}

const severity = [
  "refused",
  "missed",
  "late",
  "confirmed",
] as const satisfies readonly Confirmation["kind"][];

/** What an export learns that waits for several sinks. */
function worst(confirmations: readonly Confirmation[]): Confirmation {
  const [first] = confirmations.toSorted((a, b) => severity.indexOf(a.kind) - severity.indexOf(b.kind));
  if (first === undefined) throw new Error("no sink confirms");
  const refused = confirmations.map((each) => (each.kind === "confirmed" ? each.refused : 0));
  return first.kind === "confirmed" ? { kind: "confirmed", refused: Math.max(...refused) } : first;
}
