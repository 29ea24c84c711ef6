import { type ClientHttp2Stream, constants, type Http2Session, type IncomingHttpHeaders } from "node:http2";
import { Http2SessionManager } from "@connectrpc/connect-node";
import { exportPath, type Signal } from "../../../domain/signal.ts";
import { contentTypes } from "../../../otlp/content-types.ts";
import { COMPRESSED_FLAG, PREFIX_BYTES, writePrefix } from "../../../otlp/message-prefix.ts";
import type { Delivery } from "../../../ports/telemetry-sink.ts";
import { liveTlsOptions } from "../tls-material.ts";
import { type AnswerBody, AnswerReader, boundInformational } from "./answer-body.ts";
import type { Encoded } from "./compress.ts";
import { grpcFailure, notGrpcFailure } from "./failures.ts";
import { retryInfoMs } from "./retry-delay.ts";
import { grpcSuccess } from "./successes.ts";
import { headerOf, type OtlpTransport, type TransportOptions, transportFailure } from "./transport.ts";

/**
 * The part of a call's time after which its connection is asked whether it is alive (PING). The connection is closed
 * when it does not answer within as long again. Both must fit into the time of the call: the PING ends with it.
 */
const pingShare = 0.4;
/** Megabytes that may wait in one connection to be sent. Node's default of 10 is less than a sink has in flight. */
const maxSessionMemory = 64;

/** OTLP/gRPC: unary calls over one HTTP/2 connection (gRPC PROTOCOL-HTTP2). */
export class GrpcTransport implements OtlpTransport {
  readonly #options: TransportOptions;
  readonly #session: Http2SessionManager;
  readonly #guarded = new WeakSet<Http2Session>();

  constructor(options: TransportOptions) {
    this.#options = options;
    const pingMs = options.timeoutMs * pingShare;
    this.#session = new Http2SessionManager(
      options.url,
      { pingIntervalMs: pingMs, pingTimeoutMs: pingMs },
      Object.assign(liveTlsOptions(options.tls), { maxSessionMemory }),
    );
  }

  async export(signal: Signal, request: Encoded, abort: AbortSignal): Promise<Delivery> {
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(abort.reason);
    abort.addEventListener("abort", onAbort, { once: true });
    const opening = this.#open(signal, request.encoding);
    try {
      abort.throwIfAborted();
      const stream = await Promise.race([opening, aborted.promise]);
      this.#guard(stream.session);
      return await Promise.race([this.#call(stream, request), aborted.promise]);
    } catch (reason) {
      if (abort.aborted) this.#giveUp(opening);
      return transportFailure(reason, abort);
    } finally {
      abort.removeEventListener("abort", onAbort);
    }
  }

  close(): void {
    this.#session.abort();
  }

  #open(signal: Signal, encoding: string | undefined): Promise<ClientHttp2Stream> {
    const headers = {
      ...this.#options.headers(),
      "content-type": contentTypes.grpc,
      te: "trailers",
      "grpc-timeout": `${this.#options.timeoutMs}m`,
      ...(encoding !== undefined && { "grpc-encoding": encoding }),
    };
    return this.#session.request("POST", exportPath(signal), headers, {});
  }

  /**
   * The manager stops listening to a connection when it makes the next one, and one that is ended by a ping without an
   * answer emits its error only then. Nobody would listen, and the process would end.
   */
  #guard(session: Http2Session | undefined): void {
    if (session === undefined || this.#guarded.has(session)) return;
    this.#guarded.add(session);
    session.on("error", ignore);
  }

  #giveUp(opening: Promise<ClientHttp2Stream>): void {
    opening.then((stream) => stream.close(constants.NGHTTP2_CANCEL), ignore);
    // An attempt to connect that hangs would keep all tries after this one waiting for it.
    if (this.#session.state() === "connecting") this.#session.abort();
  }

  async #call(stream: ClientHttp2Stream, request: Encoded): Promise<Delivery> {
    let headers: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    stream.on("response", (received) => {
      headers = received;
      this.#session.notifyResponseByteRead(stream);
    });
    stream.on("trailers", (received) => {
      trailers = received;
    });
    // The peer may answer before it has read everything: then writing the rest fails.
    stream.on("error", ignore);
    boundInformational(stream, "headers");
    stream.write(prefixOf(request));
    stream.end(request.bytes);
    const reader = new AnswerReader();
    try {
      const body = await reader.read(stream);
      return answerOf(headers, trailers, body);
    } catch (reason) {
      if (hasStatus(headers) || hasStatus(trailers)) return answerOf(headers, trailers, reader.body);
      throw reason;
    } finally {
      stream.close();
    }
  }
}

function ignore(): void {}

function prefixOf({ bytes, encoding }: Encoded): Uint8Array {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  writePrefix(prefix, bytes.byteLength, encoding === undefined ? 0 : COMPRESSED_FLAG);
  return prefix;
}

const statusHeader = "grpc-status";

function hasStatus(fields: IncomingHttpHeaders): boolean {
  return /^\d{1,3}$/.test(headerOf(fields, statusHeader) ?? "");
}

function answerOf(headers: IncomingHttpHeaders, trailers: IncomingHttpHeaders, body: AnswerBody): Delivery {
  // Trailers-Only: the status is in the headers.
  const fields = hasStatus(trailers) ? trailers : headers;
  if (!hasStatus(fields)) {
    const httpStatus = Number(headers[":status"] ?? 0);
    if (httpStatus === 0) return { kind: "later", code: "connection closed" };
    if (httpStatus === 200) return { kind: "later", code: "no gRPC status" };
    return notGrpcFailure(httpStatus);
  }
  const status = Number(headerOf(fields, statusHeader));
  if (status === 0) return grpcSuccess(headers["content-type"], body, headerOf(headers, "grpc-encoding"));
  const retryAfterMs = retryInfoMs(headerOf(fields, "grpc-status-details-bin"));
  return grpcFailure(status, retryAfterMs, headerOf(fields, "grpc-message"));
}
