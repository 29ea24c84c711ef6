import { ObsvtyError } from "../../../domain/errors.ts";
import { type Fault, InjectedFault } from "../../../domain/fault.ts";
import type { IngestOutcome } from "../../../domain/outcome.ts";
import type { Signal } from "../../../domain/signal.ts";
import type { EncodedRequest, EncodingReport } from "../../../otlp/json/encoding-report.ts";
import { viaHeader } from "../../../use-cases/hand-on/forwarding-path.ts";
import type { Awaiting } from "../../../use-cases/ingest/awaiting.ts";
import { longRequestBytes } from "../../../use-cases/ingest/ingest.ts";
import { type Body, joinBody } from "../body/body.ts";
import { type BodyOwner, BodyReader } from "../body/body-reader.ts";
import type { BodyEncoding } from "../body/codecs.ts";
import { tooLarge } from "../body/too-large.ts";
import { bodyTooSlow, deadlinePassed } from "../body/too-slow.ts";
import { errorResponse } from "../responses/error-reply.ts";
import type { Exchange } from "./exchange.ts";
import { ExportReport } from "./export-report.ts";
import { exportResponse } from "./export-response.ts";
import { withInjectedRejection } from "./faults/injected-rejection.ts";
import { pause } from "./faults/pause.ts";
import { encodingOf } from "./framings/encoding-header.ts";
import type { Framing } from "./framings/framing.ts";
import type { ReceiverResources } from "./receiver-resources.ts";

/**
 * One export, from its headers to its answer, by every protocol. Its steps stand in their order: read the body,
 * apply a scripted fault, take the message out of its frame, inflate it, encode JSON in protobuf, ingest,
 * respond. A step returns a promise only when it has to wait, so that an ordinary export costs none.
 */
export class ExportCall implements BodyOwner, Awaiting {
  readonly #framing: Framing;
  readonly #signal: Signal;
  readonly #exchange: Exchange;
  readonly #receiver: ReceiverResources;
  #encoding: BodyEncoding | undefined;
  /** Bytes of this request that count as in flight. */
  #inFlight = 0;
  /** When reading began, on `performance.now()`'s clock; undefined for a call that was refused before. */
  #startMs: number | undefined;
  /** The time by which the caller wants its answer, on the same clock. */
  #deadlineMs = Number.POSITIVE_INFINITY;
  #injectedRejection: Extract<Fault, { kind: "partial-success" }> | undefined;
  readonly #report: ExportReport | undefined;

  constructor(framing: Framing, signal: Signal, exchange: Exchange, receiver: ReceiverResources) {
    this.#framing = framing;
    this.#signal = signal;
    this.#exchange = exchange;
    this.#receiver = receiver;
    const { reportExport } = receiver;
    this.#report = reportExport && new ExportReport(signal, framing, exchange.caller, reportExport);
  }

  /** Reads the body, then goes through the steps. */
  serve(): void {
    const { source, caller } = this.#exchange;
    // The caller has gone away: there is no body, and no reader of the answer.
    if (source.destroyed) return;
    const { maxReceiveMessageLength, requestTimeoutMs, forwardingPath } = this.#receiver;
    const startMs = performance.now();
    try {
      const loop = forwardingPath?.check(caller.headers[viaHeader]);
      if (loop !== undefined) throw loop;
      this.#framing.checkHeaders(caller.headers);
      this.#encoding = encodingOf(caller.headers, this.#framing.encodingHeader);
      this.#deadlineMs = startMs + this.#framing.timeoutMs(caller.headers);
      const announced = this.#framing.announcedBytes(caller.headers);
      if (announced > maxReceiveMessageLength) throw tooLarge(announced, maxReceiveMessageLength);
    } catch (error) {
      this.refuse(error);
      return;
    }
    this.#startMs = startMs;
    const dueMs = Math.min(this.#deadlineMs, startMs + requestTimeoutMs);
    new BodyReader(source, this.#receiver, this).begin(dueMs);
  }

  checkBody(arrived: Body): ObsvtyError | undefined {
    return this.#framing.checkSize(arrived, this.#receiver.maxReceiveMessageLength);
  }

  tooSlow(): ObsvtyError {
    return performance.now() >= this.#deadlineMs
      ? deadlinePassed()
      : bodyTooSlow(this.#receiver.requestTimeoutMs);
  }

  onBodyCut(error: ObsvtyError): void {
    this.refuse(error);
  }

  unwanted(): ObsvtyError | undefined {
    if (this.#exchange.hasLeft()) return new ObsvtyError("cancelled", "the caller went away");
    return performance.now() >= this.#deadlineMs ? deadlinePassed() : undefined;
  }

  onBody(body: Body): undefined | Promise<void> {
    this.#inFlight = body.byteLength;
    this.#report?.body(body);
    try {
      if (performance.now() >= this.#deadlineMs) throw deadlinePassed();
      const fault = this.#receiver.faults?.take(this.#signal);
      return fault === undefined ? this.#takeMessage(body) : this.#inject(fault, body);
    } catch (error) {
      this.refuse(error);
      return undefined;
    }
  }

  #inject(fault: Fault, body: Body): undefined | Promise<void> {
    switch (fault.kind) {
      case "status":
        throw new InjectedFault(fault);
      case "reset":
        this.#recordRefusal(new ObsvtyError("injected-fault", "connection reset"));
        this.#report?.reset();
        this.#exchange.reset();
        return undefined;
      case "partial-success":
        this.#injectedRejection = fault;
        return this.#takeMessage(body);
      case "delay":
        return this.#takeMessageLater(fault.delayMs, body);
    }
  }

  /** Keeps nothing of a caller that does not wait for the answer. */
  async #takeMessageLater(delayMs: number, body: Body): Promise<void> {
    const { stopping } = this.#receiver;
    const gone = new AbortController();
    this.#exchange.onceClosed(() => gone.abort());
    const leftMs = Math.max(0, this.#deadlineMs - performance.now());
    await pause(Math.min(delayMs, leftMs), [stopping, gone.signal]);
    if (gone.signal.aborted) {
      this.#report?.cancelled();
      return;
    }
    try {
      stopping.throwIfAborted();
      if (leftMs <= delayMs) throw deadlinePassed();
      await this.#takeMessage(body);
    } catch (error) {
      this.refuse(error);
    }
  }

  #takeMessage(body: Body): undefined | Promise<void> {
    const { bytes, encoding } = this.#framing.takeMessage(body, this.#encoding);
    if (encoding === undefined) return this.#encode(bytes);
    const compressed = joinBody(bytes);
    const inflated = this.#receiver.inflater.inflateNow(encoding, compressed);
    if (inflated === undefined) return this.#inflateLater(encoding, compressed, body.byteLength);
    return this.#keeping(inflated.byteLength, () => this.#encode(bodyOf(inflated)));
  }

  async #inflateLater(encoding: BodyEncoding, compressed: Uint8Array, ofRequest: number): Promise<void> {
    try {
      const inflated = await this.#receiver.inflater.inflate(encoding, compressed, ofRequest, this);
      this.#inFlight += inflated.bytes.byteLength;
      try {
        await this.#encode(bodyOf(inflated.bytes));
      } finally {
        inflated.release();
      }
    } catch (error) {
      this.refuse(error);
    }
  }

  /** JSON becomes the bytes that a client of protobuf would have sent. */
  #encode(message: Body): undefined | Promise<void> {
    this.#report?.message(message);
    const { format } = this.#framing;
    if (format === "protobuf") return this.#ingest(message);
    const ids = format === "otlp-json" ? "hex" : "base64";
    return this.#receiver.jsonEncoder
      .encode(this.#signal, message, ids, (encoded, shared) => this.#ingestEncoded(encoded, shared), this)
      ?.catch((error) => this.refuse(error));
  }

  #ingestEncoded({ bytes, report }: EncodedRequest, areBytesShared: boolean): undefined | Promise<void> {
    // A short request in JSON can become a long one: a number of one digit takes eight bytes in protobuf (double).
    return areBytesShared && bytes.byteLength > longRequestBytes
      ? this.#keeping(bytes.byteLength, () => this.#ingest(bodyOf(bytes.slice()), report))
      : this.#ingest(bodyOf(bytes), report);
  }

  /**
   * Counts the bytes of a long request that was made of the body as in flight, beside the body itself. A long request
   * is taken in steps, and holds its bytes until the last one.
   */
  #keeping(bytes: number, work: () => undefined | Promise<void>): undefined | Promise<void> {
    if (bytes <= longRequestBytes) return work();
    const ofRequest = this.#inFlight;
    this.#inFlight += bytes;
    return this.#receiver.inflight.during(bytes, ofRequest, work);
  }

  /**
   * @param report what was lost when the request was encoded from JSON
   * @returns a promise when the body is needed for longer
   */
  #ingest({ chunks, byteLength }: Body, report?: EncodingReport): undefined | Promise<void> {
    const { transport } = this.#framing;
    const outcome = this.#receiver.ingest(
      this.#signal,
      chunks,
      byteLength,
      transport,
      report,
      this.#answerByMs(),
      this,
    );
    if (outcome instanceof Promise) {
      this.#answerLater(outcome);
    } else if (outcome.kind === "long") {
      this.#answerLater(outcome.outcome);
      // What it rejects with, the outcome rejects with too.
      return outcome.taken.then(nothing, nothing);
    } else {
      this.#answer(outcome);
    }
    return undefined;
  }

  #answerLater(outcome: Promise<IngestOutcome>): void {
    void outcome.then((late) => this.#answer(late)).catch((error) => this.refuse(error));
  }

  /** A caller that named no deadline waits for an answer no longer than its body may take. */
  #answerByMs(): number {
    return Math.min(this.#deadlineMs, (this.#startMs ?? 0) + this.#receiver.requestTimeoutMs);
  }

  #answer(outcome: IngestOutcome): void {
    if (outcome.kind === "refused") {
      this.refuse(outcome.error);
      return;
    }
    if (outcome.kind === "partly-accepted") {
      this.#receiver.logPartialSuccess(this.#exchange.caller, this.#signal, outcome);
    }
    const injected = this.#injectedRejection;
    const answer = injected === undefined ? outcome : withInjectedRejection(outcome, injected);
    const { format } = this.#framing;
    this.#report?.received(answer);
    this.#framing.respond(this.#exchange, exportResponse(this.#signal, answer, format));
    this.#observe();
  }

  /** Answers with an error, and records the refusal, unless the caller went away. The body need not have been read. */
  refuse(reason: unknown): void {
    const error = ObsvtyError.from(reason);
    if (error.code === "cancelled") {
      this.#report?.cancelled();
      return;
    }
    this.#recordRefusal(error);
    const response = errorResponse(this.#exchange.caller, error);
    this.#report?.refused(error, response.status);
    this.#exchange.send(response);
    this.#observe();
  }

  #recordRefusal(error: ObsvtyError): void {
    this.#receiver.recordRefusal(this.#exchange.caller, error);
  }

  #observe(): void {
    if (this.#startMs === undefined) return;
    const durationMs = performance.now() - this.#startMs;
    this.#receiver.observeExport(this.#signal, this.#framing.transport, durationMs);
  }
}

function nothing(): void {}

function bodyOf(bytes: Uint8Array): Body {
  return { chunks: [bytes], byteLength: bytes.byteLength };
}
