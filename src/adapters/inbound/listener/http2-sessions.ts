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
import { exportedSignal } from "../../../domain/signal.ts";
import { closeFloodingSession } from "../close-flooding-session.ts";
import type { CallTurns } from "./call-turns.ts";
import { attach, attachedTo, type Connection, connectionAt, type Ending } from "./connection.ts";
import type { Peer } from "./peer.ts";
import { countFrames, countWhileWaiting } from "./piece-turns.ts";
import { hasEnded } from "./request.ts";
import { UnfinishedHeaders } from "./unfinished-headers.ts";

export interface Http2Options {
  readonly maxConcurrentStreams: number;
  /** How long a HEADERS frame and its CONTINUATION frames may take to arrive. */
  readonly headersTimeoutMs: number;
  readonly turns: CallTurns;
  /** See `ListenerOptions`. */
  readonly isReading: (url: string) => boolean;
  /** It is called once for each call, before any handler gets it. A call for which it returns false is refused. */
  readonly onCall: (
    connection: Connection,
    stream: ServerHttp2Stream,
    isExport: boolean,
    rawHeaders: readonly string[],
  ) => boolean;
  readonly onError: (error: Error, peer: Peer | undefined) => void;
}

/** Answers a stream itself and returns true, or leaves the stream to the HTTP handler. */
export type TakeStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => boolean;

type StreamListener = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
  rawHeaders: string[],
) => void;

type Http2Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/** A call that is refused, or cancelled as soon as it is made, costs as much as this many small pieces of a body. */
const LOST_CALL_PIECES = 2;

/** The largest stream id: a GOAWAY that names it refuses no call (RFC 9113, 6.8). */
const maxStreamId = 2 ** 31 - 1;
/** How long a peer may take to answer a PING. Node's client never answers one after a GOAWAY. */
const goawayPingMs = 250;

/** Speaks HTTP/2 on connections. */
export class Http2Sessions {
  readonly #server: Http2Server;
  /** Node's own listener. */
  readonly #makeRequest: StreamListener;
  readonly #unfinished: UnfinishedHeaders;
  readonly #maxConcurrentStreams: number;
  readonly #onCall: Http2Options["onCall"];
  readonly #turns: CallTurns;
  readonly #isReading: Http2Options["isReading"];
  #take: TakeStream | undefined;

  constructor(options: Http2Options, handler: Http2Handler) {
    this.#maxConcurrentStreams = options.maxConcurrentStreams;
    this.#onCall = options.onCall;
    this.#turns = options.turns;
    this.#isReading = options.isReading;
    this.#unfinished = new UnfinishedHeaders(options.headersTimeoutMs);
    this.#server = createServer({
      settings: {
        maxConcurrentStreams: options.maxConcurrentStreams,
        // HTTP/2's 64 KiB would make a 4 MiB body stop 64 times for the round trip of a WINDOW_UPDATE.
        initialWindowSize: 2 ** 20,
        enablePush: false,
        // Node has the same bound for HTTP/1.1. It ends a stream with more.
        maxHeaderListSize: 16_384,
      },
      // Megabytes of replies queued for slow readers and of header tables; Node's 10 refuses new calls
      // of one client that tails several streams at once.
      maxSessionMemory: 64,
      // Rapid reset (CVE-2023-44487) is stopped by nghttp2: 300 resets at once and 33 a second, more
      // than deadlines cause. Node's limits for invalid frames (1000) and refused streams (100) stay too.
      streamResetBurst: 300,
      streamResetRate: 33,
    });
    this.#server.on("session", (session) => this.#onSession(session));
    this.#server.on("request", handler);
    const [makeRequest] = this.#server.listeners("stream");
    if (makeRequest === undefined) {
      throw new Error("node:http2 no longer makes requests by an event");
    }
    this.#makeRequest = makeRequest as StreamListener;
    // Node closes sessions that fail; the listener only reports the reason.
    this.#server.on("sessionError", (error, session) => options.onError(error, connectionAt(session)?.peer));
  }

  /** Serves a connection whose unread bytes begin with the preface. */
  accept(socket: Socket): void {
    // The HTTP/1.1 server's sockets may be half open; an HTTP/2 connection has no use for that.
    socket.allowHalfOpen = false;
    // Over TLS, Node serves HTTP/2 only where ALPN has chosen it. A client without ALPN has chosen by its preface.
    if ("alpnProtocol" in socket && socket.alpnProtocol === false) socket.alpnProtocol = "h2";
    this.#server.emit("connection", socket);
  }

  /** Offers every stream to `take` first: to make a request object costs more than a small export does. */
  takeStreams(take: TakeStream): void {
    this.#take = take;
  }

  /** Stops looking for header blocks that do not end. */
  close(): void {
    this.#unfinished.close();
  }

  #onSession(session: ServerHttp2Session): void {
    const connection = attachedTo(session.socket);
    attach(connection, session);
    connection.ending = endingOf(session, connection.ending.close);
    // The window that all streams of the connection share: room for several large bodies at once.
    session.setLocalWindowSize(16 * 2 ** 20);
    this.#unfinished.watch(session, connection);
    countFrames(session, connection);
    // Node's own listener hands streams to the server, which knows no connection.
    session.removeAllListeners("stream");
    session.on("stream", this.#lookFirst(session, connection));
  }

  /** Intercepts the streams of a session before Node's compatibility layer makes request objects of them. */
  #lookFirst(session: ServerHttp2Session, connection: Connection): StreamListener {
    return (stream, headers, flags, rawHeaders) => {
      // Node emits a stream after it has read all bytes that are there: they may have cancelled the stream already.
      if (hasEnded(stream)) {
        stream.on("error", ignore);
        connection.pieces.came(connection, LOST_CALL_PIECES);
        return;
      }
      const path = headers[":path"] ?? "";
      const isExport = exportedSignal(path) !== undefined;
      this.#unfinished.finished(session, stream);
      if (!this.#onCall(connection, stream, isExport, rawHeaders)) {
        // The peer knows that nothing was done, and may send the call again (RFC 9113, 8.7).
        stream.on("error", ignore);
        stream.close(constants.NGHTTP2_REFUSED_STREAM);
        connection.pieces.came(connection, LOST_CALL_PIECES);
        return;
      }
      const handle = () => {
        if (this.#take?.(stream, headers) !== true) {
          this.#makeRequest.call(this.#server, stream, headers, flags, rawHeaders);
        }
      };
      if (connection.share.take(isExport) && this.#turns.take(isExport)) {
        handle();
        return;
      }
      // Nobody else listens to a stream that waits.
      stream.on("error", ignore);
      if (connection.share.hasTooMany(this.#maxConcurrentStreams)) {
        // What follows is not looked at.
        closeFloodingSession(session, "too many calls are cancelled");
        return;
      }
      connection.pieces.came(connection);
      const stopCounting = countWhileWaiting(stream);
      this.#turns.later(() => {
        stopCounting();
        if (!stream.closed && !stream.destroyed) handle();
      }, this.#isReading(path));
    };
  }
}

function ignore(): void {}

/** @param cut closes the TCP connection */
function endingOf(session: ServerHttp2Session, cut: () => void): Ending {
  let leaving = false;
  return {
    letGo: () => {
      if (!leaving) {
        leaving = true;
        letGo(session);
      }
    },
    close: () => {
      // Sends a GOAWAY that names the last call, so that the peer may repeat a later one elsewhere. When the peer
      // reads nothing, the session does not close its socket.
      session.destroy();
      setImmediate(cut);
    },
  };
}

/**
 * Closes a session without losing a call that is under way: a GOAWAY that refuses nothing, a round trip so
 * that the peer has seen it, then the final GOAWAY (RFC 9113, 6.8).
 */
function letGo(session: ServerHttp2Session): void {
  if (session.destroyed || session.closed) {
    return;
  }
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
