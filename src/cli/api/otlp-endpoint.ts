import type { TelemetrySink } from "../../ports/telemetry-sink.ts";
import type { ClientTls } from "./server.ts";

/** An OTLP endpoint that telemetry is sent to. */
export interface OtlpEndpoint {
  readonly url: URL;
  readonly protocol: "grpc" | "http/protobuf";
  /** The values of header fields, by lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: ClientTls;
  /** The most bytes of one request. */
  readonly maxBytes: number;
}

/** Makes a client of an OTLP endpoint. It connects when it is used. */
export type OpenOtlpEndpoint = (endpoint: OtlpEndpoint) => Promise<TelemetrySink>;
