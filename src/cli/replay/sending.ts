import { cutRequest } from "../../otlp/request-items.ts";
import type { TelemetrySink } from "../../ports/telemetry-sink.ts";
import { type BatchOutcome, deliverBatch } from "../../use-cases/hand-on/batch.ts";
import { Gate } from "../../use-cases/hand-on/gate.ts";
import { LaneFigures } from "../../use-cases/hand-on/lane-figures.ts";
import { handOnLimits, replayDeliveryMs } from "../../use-cases/hand-on/limits.ts";
import type { Timers } from "../../use-cases/hand-on/timers.ts";
import type { FileRequest } from "./file-requests.ts";

/** Requests, and bytes of them, that are under way at a time. One longer request is sent alone. */
const maxInFlight = 16;
const maxInFlightBytes = 16 * 2 ** 20;

export interface SendingOptions {
  readonly sink: TelemetrySink;
  readonly timers: Timers;
  readonly abort: AbortSignal;
  readonly onOutcome: (request: FileRequest, outcome: BatchOutcome) => void;
  /** A try failed. */
  readonly onFailure: (code: string) => void;
}

/**
 * Sends requests, several at a time, and tries each until it is taken or refused for good, not before the times that
 * the endpoint names. A request that the endpoint finds too large is sent in parts.
 */
export class Sending {
  readonly #options: SendingOptions;
  readonly #gate: Gate;
  readonly #figures = new LaneFigures();
  #inFlight = 0;
  #inFlightBytes = 0;
  #wake: (() => void) | undefined;

  constructor(options: SendingOptions) {
    this.#options = options;
    const { firstRetryMs, longestRetryMs } = handOnLimits;
    this.#gate = new Gate(options.timers, { firstRetryMs, longestRetryMs, random: Math.random });
  }

  /** Whether the endpoint takes nothing now. */
  get isFailing(): boolean {
    return this.#gate.isFailing;
  }

  /** The time until the next try. */
  get waitMs(): number {
    return this.#gate.waitMs;
  }

  /**
   * Begins to send a request when there is room for it. Resolves at once after the abort.
   * @param onBegin called when it is sent
   */
  async begin(request: FileRequest, onBegin: () => void): Promise<void> {
    const { sink, timers, abort, onOutcome, onFailure } = this.#options;
    await this.#until(
      () =>
        this.#inFlight < maxInFlight && this.#inFlightBytes + request.bytes.byteLength <= maxInFlightBytes,
    );
    if (abort.aborted) return;
    onBegin();
    const { signal, bytes, items } = request;
    this.#inFlight += 1;
    this.#inFlightBytes += bytes.byteLength;
    const delivering = {
      signal,
      sink,
      timers,
      deliveryMs: replayDeliveryMs,
      onFailure,
      gate: this.#gate,
      figures: this.#figures,
      readPart: (from: number, count: number) => ({
        firstOrdinal: from,
        items: count,
        bytes: cutRequest(signal, bytes, from, count),
      }),
    };
    void deliverBatch(delivering, [{ firstOrdinal: 0, items, bytes }], abort).then((outcome) => {
      this.#inFlight -= 1;
      this.#inFlightBytes -= bytes.byteLength;
      if (outcome !== undefined) onOutcome(request, outcome);
      this.#wake?.();
    });
  }

  /** Resolves when nothing is under way. */
  drain(): Promise<void> {
    return this.#until(() => false);
  }

  /** Resolves when it is so, when nothing is under way, or when sending is aborted. */
  async #until(isSo: () => boolean): Promise<void> {
    const { abort } = this.#options;
    while (this.#inFlight > 0 && !isSo() && !abort.aborted) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          abort.removeEventListener("abort", wake);
          resolve();
        };
        abort.addEventListener("abort", wake, { once: true });
        this.#wake = wake;
      });
    }
  }
}
