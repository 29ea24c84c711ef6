import type { AcceptedRequest } from "../../../domain/accepted-request.ts";
import type { Signal } from "../../../domain/signal.ts";
import { mergeRequests } from "../../../otlp/merge-requests.ts";
import { abortedDelivery, type Delivery, type TelemetrySink } from "../../../ports/telemetry-sink.ts";
import { refuseMissingZstd } from "../compressors.ts";
import type { TlsMaterial } from "../tls-material.ts";
import { compress, type OtlpCompression } from "./compress.ts";
import { GrpcTransport } from "./grpc-transport.ts";
import { HttpTransport } from "./http-transport.ts";
import type { OtlpTransport } from "./transport.ts";

/** The setting FORWARD_OTLP_PROTOCOL lists these. */
const transports = { grpc: GrpcTransport, "http/protobuf": HttpTransport } as const;

export type OtlpProtocol = keyof typeof transports;

export interface OtlpSinkOptions {
  /** Asked for each connection: the files may have changed. Which of the three there are does not change. */
  readonly tls: () => TlsMaterial;
  /** `http:` or `https:`; with `http/protobuf` it may have a path, behind which those of the signals go. */
  readonly url: URL;
  readonly protocol: OtlpProtocol;
  readonly compression: OtlpCompression;
  /** Header fields by lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Headers whose values change: asked for each delivery. */
  readonly changingHeaders: () => Readonly<Record<string, string>>;
  /** The most bytes of one Export request, before it is compressed. */
  readonly maxBytes: number;
  /** How long a delivery may take. Whoever calls aborts it then; an upstream that knows need not go on. */
  readonly timeoutMs: number;
}

/**
 * Another OTLP endpoint: a Collector, a vendor, another obsvty. Delivered means that it has answered with success;
 * what that is worth is up to it.
 */
export class OtlpSink implements TelemetrySink {
  readonly name = "otlp";
  readonly maxBytes: number;
  readonly #compression: OtlpCompression;
  readonly #transport: OtlpTransport;
  #isClosed = false;

  /** @throws ObsvtyError `invalid-argument` when this Node lacks the compression */
  constructor(options: OtlpSinkOptions) {
    const { url, protocol, compression, headers, changingHeaders, maxBytes, timeoutMs, tls } = options;
    refuseMissingZstd(compression);
    this.maxBytes = maxBytes;
    this.#compression = compression;
    const all = () => ({ ...headers, ...changingHeaders() });
    const transportOptions = { url, headers: all, timeoutMs, tls };
    this.#transport = new transports[protocol](transportOptions);
  }

  async deliver(signal: Signal, requests: readonly AcceptedRequest[], abort: AbortSignal): Promise<Delivery> {
    if (abort.aborted) return abortedDelivery;
    const request = await compress(mergeRequests(requests), this.#compression);
    return this.#transport.export(signal, request, abort);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#transport.close();
  }
}
