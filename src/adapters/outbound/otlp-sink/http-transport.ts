import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import { type Signal, signalTraits } from "../../../domain/signal.ts";
import { contentTypes } from "../../../otlp/content-types.ts";
import type { Delivery } from "../../../ports/telemetry-sink.ts";
import { type TlsMaterial, tlsOptions } from "../tls-material.ts";
import { AnswerFault, AnswerReader, boundInformational } from "./answer-body.ts";
import type { Encoded } from "./compress.ts";
import { httpFailure } from "./failures.ts";
import { retryAfterMs } from "./retry-delay.ts";
import { httpSuccess } from "./successes.ts";
import { type OtlpTransport, type TransportOptions, transportFailure } from "./transport.ts";

/** The most deliveries that may be under way. */
const maxSockets = 64;

/** OTLP/HTTP in protobuf, over HTTP/1.1 connections that are kept. */
export class HttpTransport implements OtlpTransport {
  readonly #options: TransportOptions;
  #tls: TlsMaterial;
  #agent: http.Agent;
  readonly #basePath: string;

  constructor(options: TransportOptions) {
    const { url } = options;
    this.#options = options;
    this.#tls = options.tls();
    this.#agent = this.#newAgent();
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

  #newAgent(): http.Agent {
    const agentOptions = { keepAlive: true, maxSockets, ...tlsOptions(this.#tls) };
    const { protocol } = this.#options.url;
    return protocol === "https:" ? new https.Agent(agentOptions) : new http.Agent(agentOptions);
  }

  /** The agent whose connections are made by the present TLS files. */
  #currentAgent(): http.Agent {
    const tls = this.#options.tls();
    if (tls === this.#tls) return this.#agent;
    const old = this.#agent;
    this.#tls = tls;
    this.#agent = this.#newAgent();
    // Connections of the old one end: those that are idle now, and the others after their calls.
    old.maxFreeSockets = 0;
    for (const socket of Object.values(old.freeSockets).flat()) socket?.destroy();
    return this.#agent;
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
      agent: this.#currentAgent(),
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
    boundInformational(call, "information");
    call.end(bytes);
    try {
      const [response] = await once(call, "response");
      // The bytes are not this sink's any more once it has told what became of them.
      response.once("end", () => {
        if (!call.writableFinished) call.destroy();
      });
      return response;
    } catch (cause) {
      throw call.reusedSocket && !abort.aborted && !(cause instanceof AnswerFault)
        ? new StaleConnection("no response", { cause })
        : cause;
    }
  }
}

/** A connection that had been used before ended without an answer. */
class StaleConnection extends Error {}

async function answerOf(response: http.IncomingMessage): Promise<Delivery> {
  const body = await new AnswerReader().read(response);
  const { statusCode = 0, headers } = response;
  return statusCode >= 200 && statusCode <= 299
    ? httpSuccess(headers["content-type"], body)
    : httpFailure(statusCode, retryAfterMs(headers["retry-after"], Date.now()), body);
}

function ignore(): void {}
