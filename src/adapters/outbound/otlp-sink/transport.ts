import type { IncomingHttpHeaders } from "node:http";
import type { Signal } from "../../../domain/signal.ts";
import { abortedDelivery, type Delivery, isFailureCode } from "../../../ports/telemetry-sink.ts";
import { nestedErrors } from "../nested-errors.ts";
import type { TlsMaterial } from "../tls-material.ts";
import { AnswerFault } from "./answer-body.ts";
import type { Encoded } from "./compress.ts";

/** One of OTLP's protocols. */
export interface OtlpTransport {
  /** Sends one Export request. Never rejects. */
  export(signal: Signal, request: Encoded, abort: AbortSignal): Promise<Delivery>;
  close(): void;
}

export interface TransportOptions {
  readonly url: URL;
  /** Asked for each connection. */
  readonly tls: () => TlsMaterial;
  /** Header fields by lower-case names, which are sent with each request. */
  readonly headers: () => Readonly<Record<string, string>>;
  /** How long a call may take. Its abort comes after this time. */
  readonly timeoutMs: number;
}

/** A delivery that failed on the way; the destination may or may not have it. */
export function transportFailure(reason: unknown, abort: AbortSignal): Delivery {
  return abort.aborted ? abortedDelivery : { kind: "later", code: failureCode(reason) };
}

/** The code of the error at the root, as Node and OpenSSL call it: "ECONNREFUSED", "CERT_HAS_EXPIRED". */
function failureCode(reason: unknown): string {
  if (reason instanceof AnswerFault) return reason.message;
  const codes = [...nestedErrors(reason)].map(({ code }: NodeJS.ErrnoException) => code);
  return codes.findLast((code) => typeof code === "string" && isFailureCode(code)) ?? "connection failed";
}

export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
