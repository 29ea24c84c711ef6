import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { toBinary } from "@bufbuild/protobuf";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { Signal } from "../../../domain/signal.ts";
import { responseSchemas } from "../../../otlp/services.ts";
import { acceptedEncodings, type BodyEncoding, bodyEncodingOf } from "../body/inflate.ts";
import type { Caller } from "../caller/caller.ts";
import { type Peer, peerOfStream } from "../listener/peer.ts";
import { errorResponse } from "../responses/error-reply.ts";
import { sendHttp2 } from "../responses/raw-response.ts";
import {
  deadlinePassed,
  type ExportIntake,
  ExportReading,
  type Received,
  tooLarge,
} from "./export-reading.ts";
import { exportResponse } from "./export-response.ts";
import { resetConnection } from "./faults/reset-connection.ts";
import { declaredLength, frameMessage, PREFIX_BYTES, takeMessage } from "./grpc-message.ts";
import { parseGrpcTimeout } from "./grpc-timeout.ts";

const responseHeaders = {
  ":status": 200,
  "content-type": "application/grpc",
  "grpc-accept-encoding": acceptedEncodings,
} as const;
const okTrailers = { "grpc-status": "0" } as const;
/** A response message without a field set: the answer to a request accepted in full. */
const emptyFrame = frameMessage(new Uint8Array());

/** One native gRPC `Export` over HTTP/2, from its headers to its trailers. */
export class GrpcCall extends ExportReading implements Caller {
  readonly method = "POST";
  protected readonly transport = "grpc";
  readonly httpVersionMajor = 2;
  readonly headers: IncomingHttpHeaders;
  readonly peer: Peer;
  dueMs = Number.POSITIVE_INFINITY;
  readonly #stream: ServerHttp2Stream;
  #encoding: BodyEncoding | undefined;
  /** The caller's own deadline. */
  #deadlineMs = Number.POSITIVE_INFINITY;

  constructor(signal: Signal, stream: ServerHttp2Stream, headers: IncomingHttpHeaders, intake: ExportIntake) {
    super(signal, stream, intake);
    this.headers = headers;
    this.peer = peerOfStream(stream);
    this.#stream = stream;
  }

  get url(): string {
    return this.headers[":path"] ?? "";
  }

  /** Reads the body and answers. */
  serve(): void {
    // The caller may be gone by now; nobody is there to be told, and there is no body.
    if (this.#stream.destroyed) return;
    const startMs = performance.now();
    try {
      this.#encoding = parseEncoding(this.headers["grpc-encoding"]);
      const timeoutMs = parseTimeout(this.headers["grpc-timeout"]);
      this.#deadlineMs = startMs + timeoutMs;
      this.dueMs = startMs + Math.min(timeoutMs, this.intake.requestTimeoutMs);
    } catch (error) {
      this.refuse(error);
      return;
    }
    this.beginAt(startMs);
  }

  protected override get callerDeadlineMs(): number {
    return this.#deadlineMs;
  }

  protected get answerSink(): ServerHttp2Stream {
    return this.#stream;
  }

  protected respondError(error: ObsvtyError): void {
    this.intake.recordRefusal(this, error);
    sendHttp2(this.#stream, errorResponse(this, error));
  }

  protected reset(reason: ObsvtyError): void {
    this.intake.recordRefusal(this, reason);
    resetConnection(this.#stream.session);
  }

  protected check(): ObsvtyError | undefined {
    const max = this.intake.maxReceiveMessageLength;
    const declared = declaredLength(this);
    if (declared !== undefined && declared > max) return tooLarge(declared, max);
    // More than one message of the largest size: not one message either way.
    if (this.byteLength > max + PREFIX_BYTES) {
      return new ObsvtyError("unknown-method", "a unary call takes one message, got more");
    }
    return undefined;
  }

  protected override tooSlow(): ObsvtyError {
    return this.dueMs === this.#deadlineMs ? deadlinePassed() : super.tooSlow();
  }

  /** Returns a promise only when it has to inflate much. */
  protected complete(): undefined | Promise<void> {
    try {
      if (performance.now() >= this.#deadlineMs) throw deadlinePassed();
      const { compressed, message } = takeMessage(this);
      if (compressed && this.#encoding === undefined) {
        throw new ObsvtyError("protocol-error", "compressed message without a grpc-encoding that compresses");
      }
      return this.take(message, compressed ? this.#encoding : undefined);
    } catch (error) {
      this.refuse(error);
      return undefined;
    }
  }

  protected respond(outcome: Received): void {
    const stream = this.#stream;
    // The client may have given up; what it sent is kept all the same.
    if (stream.destroyed || stream.closed) return;
    stream.on("wantTrailers", sendOk);
    stream.respond(responseHeaders, { waitForTrailers: true });
    stream.end(
      outcome.kind === "accepted"
        ? emptyFrame
        : frameMessage(toBinary(responseSchemas[this.signal], exportResponse(this.signal, outcome))),
    );
  }
}

function sendOk(this: ServerHttp2Stream): void {
  this.sendTrailers(okTrailers);
}

function parseEncoding(header: string | string[] | undefined): BodyEncoding | undefined {
  if (header === undefined || header === "identity") return undefined;
  const encoding = typeof header === "string" ? bodyEncodingOf(header) : undefined;
  if (encoding !== undefined) return encoding;
  throw new ObsvtyError("unknown-encoding", `unknown grpc-encoding; known are ${acceptedEncodings}`);
}

/** Milliseconds; infinite without the header. */
function parseTimeout(header: string | string[] | undefined): number {
  if (header === undefined) return Number.POSITIVE_INFINITY;
  const timeoutMs = typeof header === "string" ? parseGrpcTimeout(header) : undefined;
  if (timeoutMs === undefined) throw new ObsvtyError("protocol-error", "malformed grpc-timeout");
  return timeoutMs;
}
