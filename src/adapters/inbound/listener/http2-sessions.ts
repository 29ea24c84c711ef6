import {
  constants,
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import { rememberPeer } from "./peer.ts";
import type { UnreadAnswers } from "./unread-answers.ts";

export interface Http2Options {
  readonly maxConcurrentStreams: number;
  readonly idleTimeoutMs: number;
  readonly unreadAnswers: UnreadAnswers;
  readonly onError: (error: Error) => void;
}

/** Answers a stream itself and returns true, or leaves the stream to the HTTP handler. */
export type TakeStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => boolean;

type Http2Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/** A session and its calls in flight. Each of its streams refers to it, so that no call needs a closure. */
interface Tracked {
  readonly session: ServerHttp2Session;
  readonly owner: Http2Sessions;
  openCalls: number;
  idleSinceMs: number;
  /** GOAWAY was sent. */
  leaving: boolean;
}

const trackedKey = Symbol("tracked");

interface TrackedStream extends ServerHttp2Stream {
  [trackedKey]?: Tracked;
}

/** The largest stream id: a GOAWAY that names it refuses no call (RFC 9113, 6.8). */
const maxStreamId = 2 ** 31 - 1;
/** How long a peer may take to answer a PING. Node's client never answers one after a GOAWAY. */
const goawayPingMs = 250;

/** All HTTP/2 connections: counts their calls in flight, closes idle ones, and closes all at the stop. */
export class Http2Sessions {
  readonly #server: Http2Server;
  readonly #sessions = new Map<ServerHttp2Session, Tracked>();
  readonly #idleTimeoutMs: number;
  readonly #sweep: NodeJS.Timeout;
  readonly #unreadAnswers: UnreadAnswers;
  #openCalls = 0;
  #take: TakeStream | undefined;

  constructor(options: Http2Options, handler: Http2Handler) {
    this.#idleTimeoutMs = options.idleTimeoutMs;
    this.#unreadAnswers = options.unreadAnswers;
    this.#server = createServer({
      settings: {
        maxConcurrentStreams: options.maxConcurrentStreams,
        // HTTP/2's 64 KiB would make a 4 MiB body stop 64 times for the round trip of a WINDOW_UPDATE.
        initialWindowSize: 2 ** 20,
        enablePush: false,
      },
      // Megabytes of replies queued for slow readers and of header tables; Node's 10 refuses new calls
      // of one client that tails several streams at once.
      maxSessionMemory: 64,
      // Rapid reset (CVE-2023-44487) is stopped by nghttp2: 1000 resets at once and 33 a second, far more
      // than deadlines cause. Node's limits for invalid frames (1000) and refused streams (100) stay too.
      streamResetBurst: 1_000,
      streamResetRate: 33,
    });
    this.#server.on("session", (session) => this.#onSession(session));
    this.#server.on("request", handler);
    this.#lookFirst();
    // Node closes sessions that fail; the listener only reports the reason.
    this.#server.on("sessionError", options.onError);
    const sweepMs = Math.min(Math.max(options.idleTimeoutMs / 4, 10), 10_000);
    this.#sweep = setInterval(() => this.#letIdleGo(), sweepMs);
    this.#sweep.unref();
  }

  /** Calls in flight now. */
  get openCalls(): number {
    return this.#openCalls;
  }

  /** Serves a connection whose unread bytes begin with the preface. */
  accept(socket: Socket): void {
    // The HTTP/1.1 server's sockets may be half open; an HTTP/2 connection has no use for that.
    socket.allowHalfOpen = false;
    this.#server.emit("connection", socket);
  }

  /** Offers every stream to `take` first: to make a request object costs more than a small export does. */
  takeStreams(take: TakeStream): void {
    this.#take = take;
  }

  /** GOAWAY on every connection: calls in flight go on, then the connection closes. */
  drain(): void {
    clearInterval(this.#sweep);
    for (const tracked of this.#sessions.values()) {
      letGo(tracked);
    }
  }

  /** Cuts every connection. */
  destroy(): void {
    clearInterval(this.#sweep);
    for (const session of this.#sessions.keys()) {
      session.destroy();
    }
  }

  #onSession(session: ServerHttp2Session): void {
    const { socket } = session;
    rememberPeer(session, socket as Socket);
    // The window that all streams of the connection share: room for several large bodies at once.
    session.setLocalWindowSize(16 * 2 ** 20);
    const tracked: Tracked = { session, owner: this, openCalls: 0, idleSinceMs: Date.now(), leaving: false };
    this.#sessions.set(session, tracked);
    (session as WithTracked)[trackedKey] = tracked;
    session.once("close", () => this.#sessions.delete(session));
  }

  /** Intercepts streams before Node's compatibility layer makes request objects of them. */
  #lookFirst(): void {
    const [makeRequest] = this.#server.listeners("stream");
    if (makeRequest === undefined) {
      throw new Error("node:http2 no longer makes requests by an event");
    }
    this.#server.removeAllListeners("stream");
    this.#server.on("stream", (stream: ServerHttp2Stream, headers, flags, rawHeaders) => {
      this.#onCall(stream);
      if (this.#take?.(stream, headers) !== true) {
        makeRequest.call(this.#server, stream, headers, flags, rawHeaders);
      }
    });
  }

  #onCall(stream: TrackedStream): void {
    const tracked = (stream.session as WithTracked | undefined)?.[trackedKey];
    if (tracked === undefined || stream.destroyed) {
      return;
    }
    tracked.openCalls += 1;
    this.#openCalls += 1;
    stream[trackedKey] = tracked;
    this.#unreadAnswers.add(stream);
    stream.on("close", onStreamClose);
  }

  /** Called by `onStreamClose`. */
  callEnded(tracked: Tracked, stream: ServerHttp2Stream): void {
    this.#unreadAnswers.delete(stream);
    tracked.openCalls -= 1;
    this.#openCalls -= 1;
    if (tracked.openCalls === 0) {
      tracked.idleSinceMs = Date.now();
    }
  }

  /** Idle means without calls, not without frames: a PING keeps nothing open, a silent call is not cut. */
  #letIdleGo(): void {
    const oldest = Date.now() - this.#idleTimeoutMs;
    for (const tracked of this.#sessions.values()) {
      if (tracked.openCalls === 0 && tracked.idleSinceMs <= oldest) {
        letGo(tracked);
      }
    }
  }
}

interface WithTracked {
  [trackedKey]?: Tracked;
}

function onStreamClose(this: TrackedStream): void {
  const tracked = this[trackedKey];
  tracked?.owner.callEnded(tracked, this);
}

/**
 * Closes a session without losing a call that is under way: a GOAWAY that refuses nothing, a round trip so
 * that the peer has seen it, then the final GOAWAY (RFC 9113, 6.8).
 */
function letGo(tracked: Tracked): void {
  const { session } = tracked;
  if (tracked.leaving || session.destroyed || session.closed) {
    return;
  }
  tracked.leaving = true;
  const finish = () => {
    clearTimeout(timer);
    session.close();
  };
  const timer = setTimeout(finish, goawayPingMs);
  session.goaway(constants.NGHTTP2_NO_ERROR, maxStreamId);
  if (!session.ping(finish)) {
    finish();
  }
}
