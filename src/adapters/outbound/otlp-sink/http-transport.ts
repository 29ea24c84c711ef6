import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import { type Signal, signalTraits } from "../../../domain/signal.ts";
import { contentTypes } from "../../../otlp/content-types.ts";
import type { Delivery } from "../../../ports/telemetry-sink.ts";
import { httpFailure, retryAfterMs, successOf } from "./answer.ts";
import type { Encoded } from "./compress.ts";
import {
  type OtlpTransport,
  readAnswer,
  type TransportOptions,
  tlsOptions,
  transportFailure,
} from "./transport.ts";

/** As many deliveries as may be under way. */
const maxSockets = 64;

/** OTLP/HTTP in protobuf, over HTTP/1.1 connections that are kept. */
export class HttpTransport implements OtlpTransport {
  readonly #options: TransportOptions;
  readonly #agent: http.Agent;
  readonly #basePath: string;

  constructor(options: TransportOptions) {
    const { url } = options;
    this.#options = options;
    const agentOptions = { keepAlive: true, maxSockets, ...tlsOptions(options) };
    this.#agent = url.protocol === "https:" ? new https.Agent(agentOptions) : new http.Agent(agentOptions);
    this.#basePath = url.pathname.replace(/\/+$/, "");
  }

  async export(signal: Signal, request: Encoded, abort: AbortSignal): Promise<Delivery> {
    try {
      abort.throwIfAborted();
      return await this.#post(`${this.#basePath}${signalTraits[signal].httpPath}`, request, abort);
    } catch (reason) {
      return transportFailure(reason, abort);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #post(path: string, { bytes, encoding }: Encoded, abort: AbortSignal): Promise<Delivery> {
    const { url, headers } = this.#options;
    const { request } = url.protocol === "https:" ? https : http;
    const call = request({
      protocol: url.protocol,
      // Of an IPv6 address, without the brackets.
      hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port,
      path,
      method: "POST",
      agent: this.#agent,
      signal: abort,
      headers: {
        ...headers(),
        "content-type": contentTypes.otlpProto,
        "content-length": bytes.byteLength,
        ...(encoding !== undefined && { "content-encoding": encoding }),
      },
    });
    // An answer may come before the request has been read: then writing the rest fails.
    call.on("error", ignore);
    call.end(bytes);
    const [response]: http.IncomingMessage[] = await once(call, "response");
    if (response === undefined) throw new Error("no response");
    const body = await readAnswer(response);
    const { statusCode = 0 } = response;
    return statusCode >= 200 && statusCode <= 299
      ? successOf(body)
      : httpFailure(statusCode, retryAfterMs(response.headers["retry-after"], Date.now()));
  }
}

function ignore(): void {}
