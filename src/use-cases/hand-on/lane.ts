import { type Signal, signalTraits } from "../../domain/signal.ts";
import type { SinkPolicy } from "../../domain/sink-policy.ts";
import type { AcceptedRequest, TelemetrySink } from "../../ports/telemetry-sink.ts";
import type { TelemetryStore } from "../../ports/telemetry-store.ts";
import type { Arrivals } from "../ingest/arrivals.ts";
import { type BatchOutcome, type Delivering, deliverBatch, tooLargeCode } from "./batch.ts";
import { CopyBlocks } from "./copy-blocks.ts";
import { Gate } from "./gate.ts";
import { LaneFigures } from "./lane-figures.ts";
import type { HandOnLimits } from "./limits.ts";
import type { Timers } from "./timers.ts";

/** What a lane tells of. */
export interface LaneListener {
  /** Items before this ordinal are done with: handed on, refused or missed. */
  onPosition(ordinal: number): void;
  onOutcome(batch: BatchRange, outcome: BatchOutcome): void;
  /** Items of this range were evicted or cleared before they were read. */
  onMissed(batch: BatchRange): void;
  /** A try failed. */
  onFailure(code: string): void;
}

/** Ordinals [`from`, `end`). */
export interface BatchRange {
  readonly from: number;
  readonly end: number;
}

export interface LaneOptions {
  readonly signal: Signal;
  readonly sink: TelemetrySink;
  readonly policy: SinkPolicy;
  readonly store: TelemetryStore;
  readonly arrivals: Arrivals;
  readonly timers: Timers;
  readonly limits: HandOnLimits;
  readonly random: () => number;
  /** The clock that dates a failure, in milliseconds since 1970. */
  readonly unixNowMs: () => number;
  readonly listener: LaneListener;
}

interface Batch extends BatchRange {
  readonly requests: readonly AcceptedRequest[];
  readonly byteLength: number;
}

/** How many batches of a lane that fails are there to be tried, so that one that is never taken holds up no other. */
const batchesWhileFailing = 2;
/** The parts of one request together may be at most this many times as long as the request. */
const mostPartsGrowth = 4;

/**
 * The way of one signal to one sink: reads the store in order, a batch at a time, has several batches delivered at
 * once, and moves its position over those that are done.
 */
export class Lane {
  readonly figures = new LaneFigures();
  readonly gate: Gate;
  readonly #options: LaneOptions;
  readonly #delivering: Delivering;
  readonly #maxDeliveries: number;
  readonly #maxRequests: number;
  readonly #lingerMs: number;
  readonly #copies: CopyBlocks;
  /** The batches under way, in order. */
  #inFlight: Batch[] = [];
  #inFlightBytes = 0;
  /** Ordinal of the next item to read. */
  #next: number;
  /** What was read of the request that is read in parts: how far it goes, and the bytes of the parts so far. */
  #parts = { end: 0, byteLength: 0 };
  /** The batch that was read last and had no room beside the others: where it begins, and its bytes. */
  #unbegun = { from: -1, byteLength: 0 };
  #isListening = false;
  #isFlushing = false;
  #linger: (() => void) | undefined;
  readonly #end = new AbortController();
  readonly #drained = Promise.withResolvers<void>();

  constructor(options: LaneOptions) {
    const { signal, sink, policy, store, timers, limits, random, listener, unixNowMs } = options;
    const isConfirmed = policy === "confirmed";
    const isMerging = signalTraits[signal].requestsMerge && !isConfirmed;
    this.#options = options;
    this.#maxDeliveries = isMerging ? limits.mergedDeliveries : limits.singleDeliveries;
    this.#maxRequests = isMerging ? limits.batchRequests : 1;
    this.#lingerMs = isMerging ? limits.lingerMs : 0;
    this.#copies = new CopyBlocks(limits.batchBytes, Math.floor(limits.inFlightBytes / limits.batchBytes));
    this.gate = new Gate(timers, {
      firstRetryMs: limits.firstRetryMs,
      longestRetryMs: isConfirmed ? limits.longestConfirmedRetryMs : limits.longestRetryMs,
      random,
    });
    const onFailure = (code: string) => {
      this.figures.lastFailure = { code, unixMs: unixNowMs() };
      listener.onFailure(code);
    };
    const { deliveryMs } = limits;
    const { gate, figures } = this;
    const readPart = (from: number, items: number) => this.#readPart(from, items);
    this.#delivering = { signal, sink, gate, figures, timers, deliveryMs, readPart, onFailure };
    this.#next = store.range(signal).first;
  }

  get signal(): Signal {
    return this.#options.signal;
  }

  /** Ordinal before which all is done with: handed on, refused or missed. */
  get position(): number {
    return this.#inFlight[0]?.from ?? this.#next;
  }

  /** Starts to read. */
  start(): void {
    this.#pump();
  }

  /** What has been accepted and is not done with. */
  backlog(): { readonly items: number; readonly bytes: number } {
    const { store, signal } = this.#options;
    this.#skipMissed();
    const unread = store.range(signal).next - this.#next;
    const items = this.#inFlight.reduce((sum, { from, end }) => sum + end - from, unread);
    return { items, bytes: this.#inFlightBytes + store.bytesFrom(signal, this.#next) };
  }

  /** Hands on what is left without waiting for more. Resolves when nothing is, or when the lane ends. */
  flush(): Promise<void> {
    this.#isFlushing = true;
    this.#linger?.();
    this.#linger = undefined;
    this.#pump();
    return this.#drained.promise;
  }

  /** Gives up what is under way. */
  end(): void {
    this.#linger?.();
    this.#end.abort();
    this.#drained.resolve();
  }

  /** Reads as many batches as may be under way. */
  #pump(): void {
    const { store, signal, listener, limits } = this.#options;
    while (!this.#end.signal.aborted && this.#mayRead()) {
      this.#skipMissed();
      const requests = store.readRequests(signal, this.#next, this.#bounds());
      if (requests.length === 0) {
        this.#listen();
        break;
      }
      const [first] = requests;
      if (first?.partOf !== undefined && this.#partsOf(first) > first.partOf.byteLength * mostPartsGrowth) {
        this.#refuseRest(first.partOf.end);
        continue;
      }
      const byteLength = requests.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
      // A long request waits until the others are done; then it is read again.
      if (this.#inFlight.length > 0 && this.#inFlightBytes + byteLength > limits.inFlightBytes) {
        this.#copies.giveBack(requests, true);
        this.#unbegun = { from: this.#next, byteLength };
        break;
      }
      this.#begin(requests, byteLength);
    }
    listener.onPosition(this.position);
    if (this.#isFlushing && this.#inFlight.length === 0) this.#drained.resolve();
  }

  #mayRead(): boolean {
    if (this.#inFlight.length === 0) return true;
    const most = this.gate.isFailing ? batchesWhileFailing : this.#maxDeliveries;
    const { inFlightBytes } = this.#options.limits;
    return this.#inFlight.length < most && this.#inFlightBytes + this.#nextBytes() <= inFlightBytes;
  }

  /** The bytes of the next batch, as far as they are known before it is read: what has no room is not copied. */
  #nextBytes(): number {
    const { store, signal } = this.#options;
    if (this.#unbegun.from === this.#next) return this.#unbegun.byteLength;
    return Math.min(this.#maxBatchBytes, store.bytesFrom(signal, this.#next));
  }

  get #maxBatchBytes(): number {
    const { sink, limits } = this.#options;
    return Math.min(limits.batchBytes, sink.maxBytes);
  }

  #bounds() {
    return {
      maxBytes: this.#maxBatchBytes,
      maxRequests: this.#maxRequests,
      maxRequestBytes: this.#options.sink.maxBytes,
      allocate: this.#copies.allocate,
    };
  }

  /** Bytes of the parts of a request up to this one. */
  #partsOf({ bytes, partOf }: AcceptedRequest): number {
    return bytes.byteLength + (partOf?.end === this.#parts.end ? this.#parts.byteLength : 0);
  }

  /**
   * Gives up a request whose parts have come to several times its length, from the next item up to its last: most of
   * it is a resource, a scope or a dictionary, which comes with every part, and a part for each item could follow.
   */
  #refuseRest(end: number): void {
    const refused = end - this.#next;
    this.figures.refused += refused;
    this.#delivering.onFailure(tooLargeCode);
    this.#track(end, [], 0, Promise.resolve({ delivered: 0, refused, code: tooLargeCode }));
  }

  #readPart(from: number, items: number): AcceptedRequest | undefined {
    const { store, signal } = this.#options;
    const bounds = { maxBytes: Number.POSITIVE_INFINITY, maxRequests: 1, maxRequestItems: items };
    const [part] = store.readRequests(signal, from, bounds);
    return part?.firstOrdinal === from && part.items === items ? part : undefined;
  }

  /** Goes over what is not there any more. */
  #skipMissed(): void {
    const { store, signal, listener } = this.#options;
    const { first } = store.range(signal);
    if (first <= this.#next) return;
    const missed = { from: this.#next, end: first };
    this.figures.missed += first - this.#next;
    this.#next = first;
    listener.onMissed(missed);
  }

  #begin(requests: readonly AcceptedRequest[], byteLength: number): void {
    const last = requests.at(-1);
    if (last === undefined) return;
    for (const request of requests) {
      if (request.partOf === undefined) continue;
      this.#parts = { end: request.partOf.end, byteLength: this.#partsOf(request) };
    }
    const end = last.firstOrdinal + last.items;
    this.#track(end, requests, byteLength, deliverBatch(this.#delivering, requests, this.#end.signal));
  }

  /** Counts what goes up to this ordinal as under way until its outcome is known. */
  #track(
    end: number,
    requests: readonly AcceptedRequest[],
    byteLength: number,
    delivered: Promise<BatchOutcome | undefined>,
  ): void {
    const batch: Batch = { from: this.#next, end, requests, byteLength };
    this.#next = end;
    this.#inFlight.push(batch);
    this.#inFlightBytes += byteLength;
    void delivered.then((outcome) => {
      if (outcome !== undefined) this.#finish(batch, outcome);
    });
  }

  #finish(batch: Batch, outcome: BatchOutcome): void {
    this.#inFlight = this.#inFlight.filter((each) => each !== batch);
    this.#inFlightBytes -= batch.byteLength;
    this.#copies.giveBack(batch.requests, outcome.isUnread === true);
    this.#options.listener.onOutcome(batch, outcome);
    this.#wake();
  }

  /** Reads at once what makes a whole batch, and the rest after a while in which more may arrive. */
  #wake(): void {
    const { store, signal, timers, limits } = this.#options;
    const isWorthIt = this.#isFlushing || store.bytesFrom(signal, this.#next) >= limits.batchBytes;
    if (this.#lingerMs === 0 || isWorthIt) {
      this.#pump();
      return;
    }
    this.#options.listener.onPosition(this.position);
    this.#linger ??= timers.after(this.#lingerMs, () => {
      this.#linger = undefined;
      this.#pump();
    });
  }

  #listen(): void {
    if (this.#isListening || this.#isFlushing) return;
    this.#isListening = true;
    const { arrivals, signal } = this.#options;
    void arrivals.next(signal, this.#end.signal).then(() => {
      this.#isListening = false;
      if (!this.#end.signal.aborted) this.#wake();
    });
  }
}
