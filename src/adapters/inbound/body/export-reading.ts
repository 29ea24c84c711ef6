import type { Readable } from "node:stream";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { IngestOutcome } from "../../../domain/outcome.ts";
import type { Signal } from "../../../domain/signal.ts";
import type { Ingest } from "../../../use-cases/ingest.ts";
import type { RecordRefusal } from "../refusal.ts";
import { type Body, joinBody } from "./body.ts";
import { BodyReading, type ReadingResources } from "./body-reading.ts";
import { type BodyEncoding, inflate } from "./inflate.ts";

/** What all readings of exports share, whichever way they came in: `app.getDecorator<ExportIntake>("intake")`. */
export interface ExportIntake extends ReadingResources {
  readonly ingest: Ingest;
  readonly recordRefusal: RecordRefusal;
  /** Bytes of one request, before and after inflating. */
  readonly maxReceiveMessageLength: number;
  /** Time that a body may take, in milliseconds. */
  readonly requestTimeoutMs: number;
}

export type Received = Exclude<IngestOutcome, { kind: "refused" }>;

/** One export request whose bytes go to the core as they are. How it is framed and answered is the protocol's. */
export abstract class ExportReading extends BodyReading {
  protected readonly signal: Signal;
  protected readonly intake: ExportIntake;

  /** @param source whose `error` event somebody else listens to */
  constructor(signal: Signal, source: Readable, intake: ExportIntake) {
    super(source, intake);
    this.signal = signal;
    this.intake = intake;
  }

  /** Answers with an error, and records the refusal. The body need not have been read. */
  abstract refuse(reason: unknown): void;
  /** Answers that the request was taken. */
  protected abstract respond(outcome: Received): void;

  protected abandon(error: ObsvtyError): void {
    if (error.code !== "cancelled") this.refuse(error);
  }

  protected tooSlow(): ObsvtyError {
    return new ObsvtyError("request-timeout", `the body took longer than ${this.intake.requestTimeoutMs} ms`);
  }

  /**
   * Inflates the request if need be, and takes it in. Returns a promise only when there is much to inflate.
   * @throws ObsvtyError `too-large`, `corrupt-encoding`
   */
  protected take(body: Body, encoding: BodyEncoding | undefined): undefined | Promise<void> {
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

  protected ingest(chunks: readonly Uint8Array[], byteLength: number): void {
    const outcome = this.intake.ingest(this.signal, chunks, byteLength);
    if (outcome.kind === "refused") this.refuse(outcome.error);
    else this.respond(outcome);
  }
}

/** Refusal of a request over the limit, in grpc-go's words, which people search for. */
export function tooLarge(bytes: number, maxBytes: number): ObsvtyError {
  return new ObsvtyError("too-large", `received message larger than max (${bytes} vs. ${maxBytes})`);
}
