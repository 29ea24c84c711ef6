import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import { type Signal, signalTraits } from "../../../domain/signal.ts";
import { contentTypes } from "../../../otlp/content-types.ts";
import type { Delivery } from "../../../ports/telemetry-sink.ts";
import { tlsOptions } from "../tls-material.ts";
import { httpFailure, retryAfterMs, successOf } from "./answer.ts";
import type { Encoded } from "./compress.ts";
import { type OtlpTransport, readAnswer, type TransportOptions, transportFailure } from "./transport.ts";

/** The most deliveries that may be under way. */
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
      const path = `${this.#basePath}${signalTraits[signal].httpPath}`;
      const response = await this.#request(path, request, abort).catch((reason) => {
        // A server closes connections that are idle, perhaps just when one is used again.
        if (!(reason instanceof StaleConnection)) throw reason;
        return this.#request(path, request, abort);
      });
      return await answerOf(response);
    } catch (reason) {
      return transportFailure(reason, abort);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #request(
    path: string,
    { bytes, encoding }: Encoded,
    abort: AbortSignal,
  ): Promise<http.IncomingMessage> {
    const { url, headers } = this.#options;
    const { request } = url.protocol === "https:" ? https : http;
    const call = request({
      protocol: url.protocol,
      // An IPv6 address is written without its brackets here.
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
    try {
      const [response] = await once(call, "response");
      return response;
    } catch (cause) {
      throw call.reusedSocket && !abort.aborted ? new StaleConnection("no response", { cause }) : cause;
    }
  }
}

/** A connection that had been used before ended without an answer. */
class StaleConnection extends Error {}

async function answerOf(response: http.IncomingMessage): Promise<Delivery> {
  const body = await readAnswer(response);
  const { statusCode = 0, headers } = response;
  return statusCode >= 200 && statusCode <= 299
    ? successOf(body)
    : httpFailure(statusCode, retryAfterMs(headers["retry-after"], Date.now()));
}

function ignore(): void {}
