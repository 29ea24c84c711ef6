import type { Signal } from "../domain/signal.ts";
import type { FailureStatus } from "./status.ts";

/**
 * What an exporter sent in one request, and how it was answered.
 * @example
 * const [request] = receiver.requests();
 * assert.equal(request.encoding, "gzip");
 * assert.equal(request.headers["x-api-key"], "abc");
 */
export interface ExportRequest {
  readonly signal: Signal;
  /** The OTLP ones by the names of OTEL_EXPORTER_OTLP_PROTOCOL. */
  readonly protocol: "grpc" | "http/protobuf" | "http/json" | "grpc-web" | "connect";
  readonly httpVersion: 1 | 2;
  /** Such as "/v1/traces". */
  readonly path: string;
  /** By their names in lower case. Of `authorization` the scheme alone is shown: "Bearer ***". */
  readonly headers: Readonly<Record<string, string>>;
  /** What the body or the message is compressed with: "gzip", or "identity" for nothing. */
  readonly encoding: string;
  /** Bytes of the body as it was sent; 0 when it was refused before it had arrived. */
  readonly sentBytes: number;
  /** Bytes of the message after decompression; 0 when it was refused before. */
  readonly messageBytes: number;
  /** When its headers had arrived: RFC 3339. */
  readonly time: string;
  /** `cancelled`: the exporter went away before it was answered. */
  readonly outcome: "accepted" | "partly-accepted" | "refused" | "reset" | "cancelled";
  /** Spans, log records, data points or profiles that were kept. */
  readonly items: number;
  /** How many items the answer calls rejected. */
  readonly rejected: number;
  /** The canonical code of the answer, of OTLP/HTTP too. Undefined when there was no answer. */
  readonly status: FailureStatus | "OK" | undefined;
  readonly httpStatus: number | undefined;
  /** What the answer says of a rejection or a refusal; "" otherwise. */
  readonly message: string;
}
