import type { IncomingHttpHeaders } from "node:http";
import type { ExportAnswer, ExportReport } from "../../adapters/inbound/otlp-receiver/export-report.ts";
import type { ExportRequest } from "../export-request.ts";
import { statusName } from "./status-name.ts";

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
