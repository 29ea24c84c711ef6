import type { IncomingHttpHeaders } from "node:http";
import type { ExportAnswer, ExportReport } from "../adapters/inbound/otlp-receiver/export-report.ts";
import type { Signal } from "../domain/signal.ts";
import { type FailureStatus, statusName } from "./status-name.ts";

/** What an exporter sent in one request, and how it was answered. */
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

const maxRequests = 1_000;
const maxHeaderCharacters = 2 ** 20;

/** The newest requests, bounded by their number and by their headers, which alone can be long. */
export class RequestLog {
  readonly #requests: ExportRequest[] = [];
  #headerCharacters = 0;

  get requests(): readonly ExportRequest[] {
    return [...this.#requests];
  }

  readonly add = (report: ExportReport, answer: ExportAnswer): void => {
    const request = requestOf(report, answer);
    this.#requests.push(request);
    this.#headerCharacters += charactersOf(request);
    while (this.#requests.length > maxRequests || this.#headerCharacters > maxHeaderCharacters) {
      const oldest = this.#requests.shift();
      if (oldest === undefined) break;
      this.#headerCharacters -= charactersOf(oldest);
    }
  };

  clear(): void {
    this.#requests.length = 0;
    this.#headerCharacters = 0;
  }
}

function requestOf(
  { signal, framing, caller, arrivedMs, sentBytes, messageBytes }: ExportReport,
  { code, ...answer }: ExportAnswer,
): ExportRequest {
  return {
    signal,
    protocol: protocolOf(framing),
    httpVersion: caller.httpVersionMajor === 2 ? 2 : 1,
    path: caller.url.split("?", 1).join(""),
    headers: shownHeaders(caller.headers),
    encoding: String(caller.headers[framing.encodingHeader] ?? "identity"),
    sentBytes,
    messageBytes,
    time: new Date(arrivedMs).toISOString(),
    ...answer,
    status: code === undefined ? undefined : statusName(code),
  };
}

function protocolOf({ transport, format }: ExportReport["framing"]): ExportRequest["protocol"] {
  if (transport !== "http") return transport;
  return format === "protobuf" ? "http/protobuf" : "http/json";
}

function shownHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const shown = Object.entries(headers).flatMap(([name, value]) => {
    // Pseudo-headers of HTTP/2 are no headers: what they say stands elsewhere.
    if (value === undefined || name.startsWith(":")) return [];
    const text = String(value);
    return [[name, name === "authorization" ? withoutSecret(text) : text]];
  });
  return Object.fromEntries(shown);
}

function withoutSecret(authorization: string): string {
  const [, scheme = ""] = /^([\w-]+ )/.exec(authorization) ?? [];
  return `${scheme}***`;
}

function charactersOf({ headers, path }: ExportRequest): number {
  return Object.entries(headers).reduce(
    (sum, [name, value]) => sum + name.length + value.length,
    path.length,
  );
}
