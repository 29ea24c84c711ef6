import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { toBinary } from "@bufbuild/protobuf";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { IngestOutcome } from "../../../domain/outcome.ts";
import type { Signal } from "../../../domain/signal.ts";
import type { Ingest } from "../../../use-cases/ingest.ts";
import type { Caller } from "../caller.ts";
import { errorResponse } from "../error-reply.ts";
import { exportResponse, responseSchemas } from "../export-response.ts";
import { type Peer, peerOfStream } from "../peer.ts";
import { sendHttp2 } from "../raw-response.ts";
import type { RecordRefusal } from "../refusal.ts";
import { acceptedEncodings } from "../status.ts";
import { joinBody } from "./body.ts";
import { BodyReading, type ReadingResources } from "./body-reading.ts";
import { declaredLength, frameMessage, PREFIX_BYTES, takeMessage, tooLarge } from "./grpc-message.ts";
import { parseGrpcTimeout } from "./grpc-timeout.ts";
import { inflate, type MessageEncoding } from "./inflate.ts";

/** What all calls share. */
export interface LaneResources extends ReadingResources {
  readonly ingest: Ingest;
  readonly recordRefusal: RecordRefusal;
  /** Bytes of one message, before and after inflating. */
  readonly maxReceiveMessageLength: number;
  /** Time that a body may take, in milliseconds. */
  readonly requestTimeoutMs: number;
}

const responseHeaders = {
  ":status": 200,
  "content-type": "application/grpc",
  "grpc-accept-encoding": acceptedEncodings,
} as const;
const okTrailers = { "grpc-status": "0" } as const;
/** A response message without a field set: the answer to a request accepted in full. */
const emptyFrame = frameMessage(new Uint8Array());

/** One native gRPC `Export` over HTTP/2, from its headers to its trailers. */
export class GrpcCall extends BodyReading implements Caller {
  readonly method = "POST";
  readonly httpVersionMajor = 2;
  readonly headers: IncomingHttpHeaders;
  readonly peer: Peer;
  dueMs = Number.POSITIVE_INFINITY;
  readonly #signal: Signal;
  readonly #stream: ServerHttp2Stream;
  readonly #lane: LaneResources;
  #encoding: MessageEncoding | undefined;
  /** The caller's own deadline. */
  #deadlineMs = Number.POSITIVE_INFINITY;

  constructor(signal: Signal, stream: ServerHttp2Stream, headers: IncomingHttpHeaders, lane: LaneResources) {
    super(stream, lane);
    this.headers = headers;
    this.peer = peerOfStream(stream);
    this.#signal = signal;
    this.#stream = stream;
    this.#lane = lane;
  }

  get url(): string {
    return this.headers[":path"] ?? "";
  }

  /** Reads the body and answers. */
  serve(): void {
    // The caller may be gone by now; nobody is there to be told, and there is no body.
    if (this.#stream.destroyed) return;
    try {
      this.#encoding = parseEncoding(this.headers["grpc-encoding"]);
      const timeoutMs = parseTimeout(this.headers["grpc-timeout"]);
      const now = performance.now();
      this.#deadlineMs = now + timeoutMs;
      this.dueMs = now + Math.min(timeoutMs, this.#lane.requestTimeoutMs);
    } catch (error) {
      this.refuse(error);
      return;
    }
    this.begin();
  }

  /** Answers with an error, and records the refusal. The body need not have been read. */
  refuse(reason: unknown): void {
    const error = ObsvtyError.from(reason);
    this.#lane.recordRefusal(this, error);
    sendHttp2(this.#stream, errorResponse(this, error));
  }

  protected check(): ObsvtyError | undefined {
    const max = this.#lane.maxReceiveMessageLength;
    const declared = declaredLength(this);
    if (declared !== undefined && declared > max) return tooLarge(declared, max);
    // More than one message of the largest size: not one message either way.
    if (this.byteLength > max + PREFIX_BYTES) {
      return new ObsvtyError("unknown-method", "a unary call takes one message, got more");
    }
    return undefined;
  }

  protected tooSlow(): ObsvtyError {
    return this.dueMs === this.#deadlineMs
      ? deadlinePassed()
      : new ObsvtyError("request-timeout", `the body took longer than ${this.#lane.requestTimeoutMs} ms`);
  }

  protected abandon(error: ObsvtyError): void {
    if (error.code !== "cancelled") this.refuse(error);
  }

  /** Returns a promise only when it has to inflate much. */
  protected complete(): undefined | Promise<void> {
    try {
      if (performance.now() >= this.#deadlineMs) throw deadlinePassed();
      const { compressed, message } = takeMessage(this);
      if (!compressed) {
        this.#ingest(message.chunks, message.byteLength);
        return undefined;
      }
      if (this.#encoding === undefined) {
        throw new ObsvtyError("protocol-error", "compressed message without a grpc-encoding that compresses");
      }
      const inflated = inflate(this.#encoding, joinBody(message), this.#lane.maxReceiveMessageLength);
      if (inflated instanceof Promise) {
        return inflated
          .then((bytes) => this.#ingest([bytes], bytes.byteLength))
          .catch((error) => this.refuse(error));
      }
      this.#ingest([inflated], inflated.byteLength);
    } catch (error) {
      this.refuse(error);
    }
    return undefined;
  }

  #ingest(chunks: readonly Uint8Array[], byteLength: number): void {
    const outcome = this.#lane.ingest(this.#signal, chunks, byteLength);
    if (outcome.kind === "refused") this.refuse(outcome.error);
    else this.#respond(outcome);
  }

  #respond(outcome: Exclude<IngestOutcome, { kind: "refused" }>): void {
    const stream = this.#stream;
    // The client may have given up; what it sent is kept all the same.
    if (stream.destroyed || stream.closed) return;
    stream.on("wantTrailers", sendOk);
    stream.respond(responseHeaders, { waitForTrailers: true });
    stream.end(
      outcome.kind === "accepted"
        ? emptyFrame
        : frameMessage(toBinary(responseSchemas[this.#signal], exportResponse(this.#signal, outcome))),
    );
  }
}

function sendOk(this: ServerHttp2Stream): void {
  this.sendTrailers(okTrailers);
}

function deadlinePassed(): ObsvtyError {
  return new ObsvtyError("deadline-passed", "the deadline has passed");
}

function parseEncoding(header: string | string[] | undefined): MessageEncoding | undefined {
  if (header === undefined || header === "identity") return undefined;
  if (header === "gzip") return "gzip";
  throw new ObsvtyError("unknown-encoding", `unknown grpc-encoding; known are ${acceptedEncodings}`);
}

/** Milliseconds; infinite without the header. */
function parseTimeout(header: string | string[] | undefined): number {
  if (header === undefined) return Number.POSITIVE_INFINITY;
  const timeoutMs = typeof header === "string" ? parseGrpcTimeout(header) : undefined;
  if (timeoutMs === undefined) throw new ObsvtyError("protocol-error", "malformed grpc-timeout");
  return timeoutMs;
}
