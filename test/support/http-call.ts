import { request as requestHttp1 } from "node:http";
import { type ClientHttp2Session, connect } from "node:http2";
import type { TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

/** A request by hand, so that a test decides which headers and pieces are sent. */
export interface HttpCall {
  readonly path: string;
  /** @default POST */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** One piece is sent whole; several are sent one by one, chunked over HTTP/1.1. @default no body */
  readonly body?: Uint8Array | readonly Uint8Array[];
  /** The caller goes away when it aborts, and the reply is an error. */
  readonly abort?: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export type HttpVersion = "HTTP/1.1" | "HTTP/2";

/** Sends it over a connection of its own. */
export function sendHttp(
  t: TestContext,
  version: HttpVersion,
  url: string,
  call: HttpCall,
): Promise<HttpReply> {
  return version === "HTTP/2" ? overHttp2(t, url, call) : overHttp1(url, call);
}

function overHttp1(
  url: string,
  { path, method = "POST", headers = {}, body = [], abort }: HttpCall,
): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const whole = body instanceof Uint8Array;
    const request = requestHttp1(`${url}${path}`, {
      method,
      agent: false,
      ...(abort && { signal: abort }),
      headers: {
        ...(whole
          ? { "content-length": body.byteLength }
          : body.length > 0 && { "transfer-encoding": "chunked" }),
        ...headers,
      },
    });
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    void write(request, whole ? [body] : body);
  });
}

function overHttp2(
  t: TestContext,
  url: string,
  { path, method = "POST", headers = {}, body = [], abort }: HttpCall,
): Promise<HttpReply> {
  const session: ClientHttp2Session = connect(url);
  session.on("error", () => {});
  t.after(() => session.destroy());
  return new Promise((resolve, reject) => {
    const stream = session.request(
      { ":method": method, ":path": path, ...headers },
      { ...(abort && { signal: abort }) },
    );
    const chunks: Buffer[] = [];
    let status = 0;
    let got: HttpReply["headers"] = {};
    stream.on("response", (received) => {
      status = Number(received[":status"]);
      got = received as HttpReply["headers"];
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("close", () => {
      session.destroy();
      resolve({ status, headers: got, body: Buffer.concat(chunks) });
    });
    void write(stream, body instanceof Uint8Array ? [body] : body);
  });
}

async function write(to: NodeJS.WritableStream, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    to.write(piece);
    await turn();
  }
  to.end();
}
