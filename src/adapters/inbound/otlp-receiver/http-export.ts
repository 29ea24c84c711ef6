import type { IncomingHttpHeaders } from "node:http";
import { toBinary, toJsonString } from "@bufbuild/protobuf";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { Signal } from "../../../domain/signal.ts";
import { encodeJsonRequest } from "../../../otlp/json/encode-request.ts";
import { responseSchemas } from "../../../otlp/services.ts";
import { joinBody } from "../body/body.ts";
import { acceptedEncodings, type BodyEncoding, bodyEncodingOf } from "../body/inflate.ts";
import { callerOf } from "../caller/caller.ts";
import { connectionOf } from "../listener/peer.ts";
import { replyWithError } from "../responses/error-reply.ts";
import { sendRaw } from "../responses/raw-response.ts";
import { type ExportIntake, ExportReading, type Received, tooLarge } from "./export-reading.ts";
import { exportResponse } from "./export-response.ts";
import { resetConnection } from "./faults/reset-connection.ts";
import { formatOf, mediaTypes, type OtlpFormat } from "./media-type.ts";

/** One OTLP/HTTP export, in protobuf or JSON, over HTTP/1.1 or HTTP/2. */
export class HttpExport extends ExportReading {
  protected readonly transport = "http";
  dueMs = Number.POSITIVE_INFINITY;
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  #format: OtlpFormat = "protobuf";
  #encoding: BodyEncoding | undefined;

  constructor(signal: Signal, request: FastifyRequest, reply: FastifyReply, intake: ExportIntake) {
    super(signal, request.raw, intake);
    this.#request = request;
    this.#reply = reply;
  }

  /** Reads the body and answers. */
  serve(): void {
    const { raw, headers } = this.#request;
    // The caller may be gone by now; nobody is there to be told, and there is no body.
    if (raw.destroyed) return;
    const startMs = performance.now();
    try {
      this.#format = parseFormat(headers);
      this.#encoding = parseEncoding(headers);
      const declared = Number(headers["content-length"] ?? 0);
      const max = this.intake.maxReceiveMessageLength;
      if (declared > max) throw tooLarge(declared, max);
      this.dueMs = startMs + this.intake.requestTimeoutMs;
    } catch (error) {
      this.refuse(error);
      return;
    }
    this.beginAt(startMs);
  }

  protected get answerSink(): FastifyReply["raw"] {
    return this.#reply.raw;
  }

  protected respondError(error: ObsvtyError): void {
    replyWithError(this.#request, this.#reply, error);
  }

  protected reset(reason: ObsvtyError): void {
    this.intake.recordRefusal(callerOf(this.#request), reason);
    resetConnection(connectionOf(this.#request.raw));
  }

  protected check(): ObsvtyError | undefined {
    const max = this.intake.maxReceiveMessageLength;
    return this.byteLength > max ? tooLarge(this.byteLength, max) : undefined;
  }

  protected complete(): undefined | Promise<void> {
    try {
      return this.take(this, this.#encoding);
    } catch (error) {
      this.refuse(error);
      return undefined;
    }
  }

  /** JSON becomes the bytes that a client of protobuf would have sent. */
  protected override ingest(chunks: readonly Uint8Array[], byteLength: number): void {
    if (this.#format === "protobuf") {
      super.ingest(chunks, byteLength);
      return;
    }
    const { bytes, report } = encodeJsonRequest(this.signal, joinBody({ chunks, byteLength }));
    if (report.unknownField !== undefined) this.intake.logUnknownField(this.signal, report.unknownField);
    super.ingest([bytes], bytes.byteLength, report);
  }

  /** In the request's own type, without parameters: Go's exporter compares exactly. Too short to compress. */
  protected respond(outcome: Received): void {
    const schema = responseSchemas[this.signal];
    const message = exportResponse(this.signal, outcome);
    sendRaw(this.#request, this.#reply, {
      status: 200,
      headers: { "content-type": mediaTypes[this.#format] },
      body: this.#format === "json" ? Buffer.from(toJsonString(schema, message)) : toBinary(schema, message),
    });
  }
}

function parseFormat(headers: IncomingHttpHeaders): OtlpFormat {
  const format = formatOf(headers["content-type"]);
  if (format !== undefined) return format;
  const known = Object.values(mediaTypes).join(" and ");
  throw new ObsvtyError("unsupported-media-type", `unknown content-type; known are ${known}`);
}

/** One encoding; `identity` is one too, though RFC 9110 (8.4.1) would rather not see it. */
function parseEncoding({ "content-encoding": header }: IncomingHttpHeaders): BodyEncoding | undefined {
  const name = header?.trim().toLowerCase() ?? "";
  if (name === "" || name === "identity") return undefined;
  // RFC 9110, 8.4.1.3.
  const encoding = bodyEncodingOf(name === "x-gzip" ? "gzip" : name);
  if (encoding !== undefined) return encoding;
  throw new ObsvtyError("unknown-encoding", `unknown content-encoding; known are ${acceptedEncodings}`);
}
