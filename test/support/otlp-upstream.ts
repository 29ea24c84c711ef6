import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import type { Readable } from "node:stream";
import type { TestContext } from "node:test";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { exportPath, type Signal, signals, signalTraits } from "../../src/domain/signal.ts";
import { RestartableServer } from "./restartable-server.ts";
import { lengthDelimited, varintField } from "./wire.ts";

/** What the upstream received in one call. */
export interface Received {
  readonly signal: Signal;
  /** Inflated. */
  readonly bytes: Uint8Array;
  readonly headers: IncomingHttpHeaders;
}

/** An answer; undefined for none at all. */
export interface UpstreamAnswer {
  /** Of gRPC. @default 0 */
  readonly grpcStatus?: number;
  /** @default 200 */
  readonly httpStatus?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Items to be rejected in a partial success. */
  readonly rejected?: number;
  /** Whether what was received counts as taken. @default unless the status says otherwise */
  readonly takes?: boolean;
}

type Answer = (received: Received) => UpstreamAnswer | undefined;

/** An OTLP endpoint that does as a test says, written on nothing but node:http and node:http2. */
export class OtlpUpstream {
  answer: Answer = () => ({});
  readonly received: Received[] = [];
  readonly taken: Received[] = [];
  readonly #server: RestartableServer;

  constructor(t: TestContext, protocol: "grpc" | "http/protobuf") {
    this.#server = new RestartableServer(t, () => {
      if (protocol === "http/protobuf") {
        return createServer((request, response) => void this.#serveHttp(request, response).catch(() => {}));
      }
      return createHttp2Server().on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
        stream.on("error", () => {});
        void this.#serveGrpc(stream, headers).catch(() => {});
      });
    });
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.#server.port}`);
  }

  /** Listens, after a stop on the same port as before. */
  async start(): Promise<this> {
    await this.#server.start();
    return this;
  }

  /** Cuts all connections, and goes on listening. */
  cut(): void {
    this.#server.cut();
  }

  /** Cuts all connections. */
  stop(): Promise<void> {
    return this.#server.stop();
  }

  takenBytes(signal: Signal): Uint8Array[] {
    return this.taken.filter((each) => each.signal === signal).map(({ bytes }) => bytes);
  }

  async #serveGrpc(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const signal = signals.find((each) => exportPath(each) === headers[":path"]);
    const body = await bodyOf(stream);
    const encoding = body[0] === 1 ? headers["grpc-encoding"] : undefined;
    const answer = this.#take(signal!, inflate(body.subarray(5), encoding as string | undefined), headers);
    if (answer === undefined) return;
    const { httpStatus = 200, grpcStatus = 0, rejected = 0 } = answer;
    if (httpStatus !== 200) {
      stream.respond({ ":status": httpStatus, ...answer.headers }, { endStream: true });
      return;
    }
    const trailers = { "grpc-status": String(grpcStatus), ...answer.headers };
    const type = { "content-type": "application/grpc" };
    if (grpcStatus !== 0) {
      stream.respond({ ...type, ...trailers }, { endStream: true });
      return;
    }
    const message = responseMessage(rejected);
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.byteLength, 1);
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    stream.respond(type, { waitForTrailers: true });
    stream.end(Buffer.concat([prefix, message]));
  }

  async #serveHttp(request: IncomingMessage, response: import("node:http").ServerResponse): Promise<void> {
    const signal = signals.find((each) => request.url?.endsWith(signalTraits[each].httpPath));
    const body = inflate(await bodyOf(request), request.headers["content-encoding"]);
    const answer = this.#take(signal!, body, request.headers);
    if (answer === undefined) return;
    const { httpStatus = 200, rejected = 0 } = answer;
    response.writeHead(httpStatus, { "content-type": "application/x-protobuf", ...answer.headers });
    response.end(httpStatus === 200 ? responseMessage(rejected) : new Uint8Array());
  }

  #take(signal: Signal, bytes: Uint8Array, headers: IncomingHttpHeaders): UpstreamAnswer | undefined {
    const received = { signal, bytes, headers };
    this.received.push(received);
    const answer = this.answer(received);
    const isSuccess = (answer?.grpcStatus ?? 0) === 0 && (answer?.httpStatus ?? 200) === 200;
    if (answer !== undefined && (answer.takes ?? isSuccess)) this.taken.push(received);
    return answer;
  }
}

async function bodyOf(source: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function inflate(bytes: Uint8Array, encoding: string | undefined): Uint8Array {
  if (encoding === "gzip") return new Uint8Array(gunzipSync(bytes));
  if (encoding === "zstd") return new Uint8Array(zstdDecompressSync(bytes));
  return new Uint8Array(bytes);
}

/** An Export*ServiceResponse of any signal. */
function responseMessage(rejected: number): Uint8Array {
  return rejected === 0
    ? new Uint8Array()
    : lengthDelimited(1, varintField(1, rejected), lengthDelimited(2, Buffer.from("s3cret words")));
}
