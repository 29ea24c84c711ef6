import type { Readable } from "node:stream";
import { ObsvtyError } from "../../../domain/errors.ts";
import { type Fault, InjectedFault } from "../../../domain/fault.ts";
import type { IngestOutcome } from "../../../domain/outcome.ts";
import type { Signal } from "../../../domain/signal.ts";
import type { Transport } from "../../../domain/transport.ts";
import type { EncodingReport } from "../../../otlp/json/encoding-report.ts";
import type { FaultScript } from "../../../use-cases/ingest/fault-script.ts";
import type { Ingest } from "../../../use-cases/ingest/ingest.ts";
import { type Body, joinBody } from "../body/body.ts";
import { BodyReading, type ReadingResources } from "../body/body-reading.ts";
import { type BodyEncoding, inflate } from "../body/inflate.ts";
import type { ObserveExport } from "../metrics/export-metrics.ts";
import type { RecordRefusal } from "../responses/refusal.ts";
import { withAllegedRejection } from "./faults/injected-partial-success.ts";
import { pause } from "./faults/pause.ts";
import type { LogUnknownField } from "./unknown-field-log.ts";

/** What all readings of exports share, whichever way they came in: `app.getDecorator<ExportIntake>("intake")`. */
export interface ExportIntake extends ReadingResources {
  readonly ingest: Ingest;
  /** Failures on purpose, when there may be any. */
  readonly faults: FaultScript | undefined;
  /** Aborts when the server stops, with the error that callers get. */
  readonly stopping: AbortSignal;
  readonly recordRefusal: RecordRefusal;
  readonly logUnknownField: LogUnknownField;
  readonly observeExport: ObserveExport;
  /** Bytes of one request, before and after inflating. */
  readonly maxReceiveMessageLength: number;
  /** Time that a body may take, in milliseconds. */
  readonly requestTimeoutMs: number;
}

export type Received = Exclude<IngestOutcome, { kind: "refused" }>;

/** What the answer goes to; it closes when the caller goes away. */
interface AnswerSink {
  once(event: "close", listener: () => void): unknown;
}

/** One export request whose bytes go to the core as they are. How it is framed and answered is the protocol's. */
export abstract class ExportReading extends BodyReading {
  protected abstract readonly transport: Transport;
  protected readonly signal: Signal;
  protected readonly intake: ExportIntake;
  /** Set when reading begins. */
  #startMs: number | undefined;
  #alleged: Extract<Fault, { kind: "partial-success" }> | undefined;

  /** @param source whose `error` event somebody else listens to */
  constructor(signal: Signal, source: Readable, intake: ExportIntake) {
    super(source, intake);
    this.signal = signal;
    this.intake = intake;
  }

  /** Answers with an error, and records the refusal. The body need not have been read. */
  refuse(reason: unknown): void {
    this.respondError(ObsvtyError.from(reason));
    this.#observe();
  }

  /** By when the caller wants its answer, on `performance.now()`'s clock. */
  protected get callerDeadlineMs(): number {
    return Number.POSITIVE_INFINITY;
  }

  /** Answers that the request was taken. */
  protected abstract respond(outcome: Received): void;
  /** Answers with an error, and records the refusal. */
  protected abstract respondError(error: ObsvtyError): void;
  /** Cuts the connection, and records that. */
  protected abstract reset(reason: ObsvtyError): void;
  protected abstract get answerSink(): AnswerSink;

  /** @param startMs when the headers were read, on `performance.now()`'s clock */
  protected beginAt(startMs: number): void {
    this.#startMs = startMs;
    this.begin();
  }

  protected abandon(error: ObsvtyError): void {
    if (error.code !== "cancelled") this.refuse(error);
  }

  protected tooSlow(): ObsvtyError {
    return new ObsvtyError("request-timeout", `the body took longer than ${this.intake.requestTimeoutMs} ms`);
  }

  /**
   * Inflates the request if need be, and takes it in, unless a script says otherwise. Returns a promise only
   * when there is much to inflate, or to wait.
   * @throws ObsvtyError `too-large`, `corrupt-encoding`, `injected-fault`
   */
  protected take(body: Body, encoding: BodyEncoding | undefined): undefined | Promise<void> {
    const fault = this.intake.faults?.take(this.signal);
    return fault === undefined ? this.#inflate(body, encoding) : this.#suffer(fault, body, encoding);
  }

  /** @param encoding what was lost when the request was encoded from JSON */
  protected ingest(chunks: readonly Uint8Array[], byteLength: number, encoding?: EncodingReport): void {
    const outcome = this.intake.ingest(this.signal, chunks, byteLength, this.transport, encoding);
    if (outcome instanceof Promise) {
      void outcome.then((late) => this.#answer(late)).catch((error) => this.refuse(error));
      return;
    }
    this.#answer(outcome);
  }

  #answer(outcome: IngestOutcome): void {
    if (outcome.kind === "refused") {
      this.refuse(outcome.error);
      return;
    }
    this.respond(this.#alleged === undefined ? outcome : withAllegedRejection(outcome, this.#alleged));
    this.#observe();
  }

  #inflate(body: Body, encoding: BodyEncoding | undefined): undefined | Promise<void> {
    if (encoding === undefined) {
      this.ingest(body.chunks, body.byteLength);
      return undefined;
    }
    const inflated = inflate(encoding, joinBody(body), this.intake.maxReceiveMessageLength);
    if (inflated instanceof Promise) {
      return inflated
        .then((bytes) => this.ingest([bytes], bytes.byteLength))
        .catch((error) => this.refuse(error));
    }
    this.ingest([inflated], inflated.byteLength);
    return undefined;
  }

  #suffer(fault: Fault, body: Body, encoding: BodyEncoding | undefined): undefined | Promise<void> {
    switch (fault.kind) {
      case "status":
        throw new InjectedFault(fault);
      case "reset":
        this.reset(new ObsvtyError("injected-fault", "connection reset"));
        return undefined;
      case "partial-success":
        this.#alleged = fault;
        return this.#inflate(body, encoding);
      case "delay":
        return this.#inflateLater(fault.delayMs, body, encoding);
    }
  }

  /** Of a caller that does not wait that long nothing is kept. */
  async #inflateLater(delayMs: number, body: Body, encoding: BodyEncoding | undefined): Promise<void> {
    const { stopping } = this.intake;
    const gone = new AbortController();
    this.answerSink.once("close", () => gone.abort());
    const leftMs = Math.max(0, this.callerDeadlineMs - performance.now());
    await pause(Math.min(delayMs, leftMs), [stopping, gone.signal]);
    if (gone.signal.aborted) return;
    try {
      stopping.throwIfAborted();
      if (leftMs <= delayMs) throw deadlinePassed();
      await this.#inflate(body, encoding);
    } catch (error) {
      this.refuse(error);
    }
  }

  #observe(): void {
    if (this.#startMs !== undefined) {
      this.intake.observeExport(this.signal, this.transport, performance.now() - this.#startMs);
    }
  }
}

/** Refusal of a request over the limit, in grpc-go's words, which people search for. */
export function tooLarge(bytes: number, maxBytes: number): ObsvtyError {
  return new ObsvtyError("too-large", `received message larger than max (${bytes} vs. ${maxBytes})`);
}

export function deadlinePassed(): ObsvtyError {
  return new ObsvtyError("deadline-passed", "the deadline has passed");
}
