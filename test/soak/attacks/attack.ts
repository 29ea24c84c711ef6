import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  connect as connectHttp2,
} from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";

/** One round of hostile input. Bounded in what it sends; it ends early, without an error, when it is aborted. */
export type Attack = (target: AttackTarget) => Promise<void>;

export interface AttackTarget {
  readonly port: number;
  readonly abort: AbortSignal;
  /** How long a round holds what it has opened, such as connections. */
  readonly holdMs: number;
}

/** Attackers have an address of their own, so that a bound for each address does not hit other clients. */
const localAddress = "127.0.0.2";
/** No single step of an attack waits longer for the server. */
const longestWaitMs = 30_000;

/** A connection that ignores its errors. It is cut when the attack is aborted. */
export function openTcp({ port, abort }: AttackTarget): Socket {
  const socket = connectTcp({ port, host: "127.0.0.1", localAddress, noDelay: true });
  socket.on("error", () => {});
  abort.addEventListener("abort", () => socket.destroy(), { once: true });
  return socket;
}

/** An HTTP/2 connection that ignores its errors. It is cut when the attack is aborted. */
export function openHttp2(target: AttackTarget, options: ClientSessionOptions = {}): ClientHttp2Session {
  const session = connectHttp2(`http://127.0.0.1:${target.port}`, {
    createConnection: () => openTcp(target),
    maxSessionMemory: 1_000,
    ...options,
  });
  session.setMaxListeners(0);
  session.on("error", () => {});
  return session;
}

/** A stream of the reflection service, which is open to everybody and goes both ways. It ignores its errors. */
export function openReflectionStream(session: ClientHttp2Session): ClientHttp2Stream {
  const stream = session.request({
    ":method": "POST",
    ":path": "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.on("error", () => {});
  return stream;
}

export interface Post {
  readonly path: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A whole call. Resolves to the HTTP status, or to 0 when there is none; never rejects. */
export function post(
  session: ClientHttp2Session,
  { path, contentType, body, headers }: Post,
): Promise<number> {
  return new Promise((resolve) => {
    if (session.destroyed || session.closed) {
      resolve(0);
      return;
    }
    let status = 0;
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": contentType,
      te: "trailers",
      ...headers,
    });
    const timer = setTimeout(() => stream.destroy(), longestWaitMs);
    stream.on("response", (received) => {
      status = Number(received[":status"]);
    });
    stream.on("error", () => {});
    stream.on("close", () => {
      clearTimeout(timer);
      resolve(status);
    });
    stream.resume();
    stream.end(body);
  });
}

/** Resolves after this time or at the abort. */
export function hold({ abort }: AttackTarget, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (abort.aborted) {
      resolve();
      return;
    }
    const end = () => {
      clearTimeout(timer);
      abort.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    abort.addEventListener("abort", end, { once: true });
  });
}

/** Writes as fast as the peer reads. False when the peer is gone or reads nothing for a long time. */
export function writeSlowly(socket: Socket, bytes: Uint8Array): Promise<boolean> {
  if (socket.destroyed || !socket.writable) return Promise.resolve(false);
  if (socket.write(bytes)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      socket.off("drain", end);
      socket.off("close", end);
      resolve(!socket.destroyed && !socket.writableNeedDrain);
    };
    const timer = setTimeout(end, longestWaitMs);
    socket.once("drain", end);
    socket.once("close", end);
  });
}
