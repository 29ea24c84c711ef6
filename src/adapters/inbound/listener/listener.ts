import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { createServer as createPort, type Server as Port, type Socket } from "node:net";
import type { Logger } from "pino";
import { exportedSignal } from "../../../domain/signal.ts";
import { CallTurns } from "./call-turns.ts";
import { createClientWarnings } from "./client-warnings.ts";
import { attach, attachedTo, type Connection } from "./connection.ts";
import { type ConnectionLimits, Connections } from "./connections.ts";
import { Http1Requests, type Http1Resources } from "./http1-requests.ts";
import { Http2Sessions, type TakeStream } from "./http2-sessions.ts";
import { type Answer, OpenAnswers } from "./open-answers.ts";
import { OpenCalls } from "./open-calls.ts";
import { CountedRequest } from "./piece-turns.ts";
import { PipeliningGuard } from "./pipelining-guard.ts";
import { type Sniffed, sniff } from "./sniff.ts";
import { cleartextRefusal } from "./tls/cleartext-refusal.ts";
import type { Credentials } from "./tls/credentials.ts";
import { Handshakes } from "./tls/handshakes.ts";

export interface ListenerOptions extends ConnectionLimits {
  readonly maxConcurrentStreams: number;
  readonly requestTimeoutMs: number;
  /** Turns TLS on. */
  readonly credentials?: Credentials | undefined;
  /** Whether connections without TLS are served too when TLS is on. */
  readonly tlsAllowCleartext: boolean;
  /** Whether a call to this path, with its query, reads what is held. Such calls wait behind others in a crowd. */
  readonly isReading: (url: string) => boolean;
  readonly logger: Logger;
}

/** Answers a request itself and returns true, or leaves it to the HTTP handler. */
export type TakeRequest = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Ports for HTTP/1.1 and HTTP/2, in cleartext and over TLS, told apart by a connection's first bytes. */
export interface Listener {
  /** The server for Fastify's `serverFactory`, which listens on the first port. */
  readonly server: Server;
  /** Makes a further port; its connections are served like those of `server`. */
  readonly createPort: () => Port;
  /** Calls in flight now, over both protocols. */
  readonly inFlight: () => number;
  /** Connections that are open now. */
  readonly connections: () => number;
  /** Stops taking calls. Calls in flight go on, and each connection closes after its last one. */
  readonly drain: () => void;
  /** Offers each HTTP/2 stream to `take` before the HTTP handler gets it. */
  readonly takeStreams: (take: TakeStream) => void;
  /** Offers each request over HTTP/1.1 to `take` before the HTTP handler gets it. */
  readonly takeRequests: (take: TakeRequest) => void;
  /** Shows other credentials in handshakes from now on. */
  readonly useCredentials: (credentials: Credentials) => void;
  /** Cuts every connection that is still open, and stops all timers. */
  readonly destroy: () => void;
}

/** How long a connection may take to show its protocol, and an HTTP/1.1 request to send its headers. */
const maxHeadersMs = 10_000;
/** The reader of a body times it and answers in the caller's protocol; Node's own limit comes this much later. */
const requestTimeoutSlackMs = 2_000;
const keepAliveProbeMs = 60_000;

/** Serves both protocols with one handler: Node's HTTP/2 compatibility layer makes the calls look alike. */
export function createListener(options: ListenerOptions, handler: RequestListener): Listener {
  const { logger } = options;
  const headersTimeoutMs = Math.min(options.requestTimeoutMs, maxHeadersMs);
  const warn = createClientWarnings(logger);
  let draining = false;
  let takeRequest: TakeRequest | undefined;

  const socketOptions = {
    // Without it every HTTP/2 reply waits 40 ms for a delayed ACK.
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveProbeMs,
  };
  const server = createServer({
    ...socketOptions,
    IncomingMessage: CountedRequest,
    keepAliveTimeout: options.idleTimeoutMs,
    headersTimeout: headersTimeoutMs,
    requestTimeout: options.requestTimeoutMs + requestTimeoutSlackMs,
    connectionsCheckingInterval: Math.min(Math.ceil(headersTimeoutMs / 4), 1_000),
  });
  // `Http1Requests` ends connections whose caller has ended its side. Without this, Node does so at once.
  (server as { httpAllowHalfOpen?: boolean }).httpAllowHalfOpen = true;
  // This is not left to `server.maxConnections`, which each port would count for itself.
  const connections = new Connections(options, logger);
  const answers = new OpenAnswers(options.requestTimeoutMs);
  const openCalls = new OpenCalls();
  const turns = new CallTurns();
  const countCall = (connection: Connection, answer: Answer) => {
    connections.callStarted(connection);
    answers.add(answer);
    attach(connection, answer);
    answer.on("close", onAnswerClose);
  };
  // One function for all: a closure for each call would cost more.
  function onAnswerClose(this: Answer): void {
    const connection = attachedTo(this);
    answers.delete(this);
    openCalls.close(connection.client, this);
    connections.callEnded(connection);
    connection.requests?.closed();
  }

  const http2 = new Http2Sessions(
    {
      maxConcurrentStreams: options.maxConcurrentStreams,
      headersTimeoutMs,
      turns,
      isReading: options.isReading,
      onCall: (connection, stream, isExport, rawHeaders) => {
        if (!openCalls.open(connection.client, stream, isExport, rawHeaders)) {
          connections.callRefused(connection);
          return false;
        }
        countCall(connection, stream);
        return true;
      },
      // The stack is left out, because it shows only Node's insides. The Go client ends its connections with a GOAWAY
      // of stream 1, which nghttp2 takes for a protocol error, because a server has even streams.
      onError: ({ message }, peer) =>
        logger.debug({ remote: peer?.address, reason: message }, "HTTP/2 session failed"),
    },
    handler as unknown as (request: Http2ServerRequest, response: Http2ServerResponse) => void,
  );

  const serve = (request: IncomingMessage, response: ServerResponse) => {
    if (hasOddExpectation(request)) {
      response.writeHead(417).end();
    } else if (takeRequest?.(request, response) !== true) {
      handler(request, response as Parameters<RequestListener>[1]);
    }
  };
  const http1: Http1Resources = {
    turns,
    openCalls,
    guard: new PipeliningGuard(),
    onRefused: (connection) => connections.callRefused(connection),
    handOn: (connection, request, response) => {
      countCall(connection, response);
      response.shouldKeepAlive &&= !draining && !connection.isRetired;
      const path = request.url ?? "";
      if (turns.take(exportedSignal(path) !== undefined)) {
        serve(request, response);
        return;
      }
      turns.later(() => {
        if (!response.destroyed) serve(request, response);
      }, options.isReading(path));
    },
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse) =>
    attachedTo(request.socket).requests?.add(request, response);
  server.on("request", onRequest);
  // Node would answer these by itself, however many come at once.
  server.on("checkExpectation", onRequest);

  // Node's HTTP/1.1 server gets a connection once its first bytes show that it does not speak HTTP/2.
  const [serveHttp1] = server.listeners("connection");
  if (serveHttp1 === undefined) {
    throw new Error("node:http no longer takes connections by an event");
  }
  const http: Sniffed = {
    onHttp1: (socket: Socket, head: Buffer) => {
      const connection = attachedTo(socket);
      const { close } = connection.ending;
      const letGo = () => {
        // Calls in flight go on; their answers say that the connection closes.
        if (connection.calls === 0) close();
      };
      connection.ending = { close, letGo };
      serveHttp1.call(server, socket);
      connection.requests = new Http1Requests(connection, socket, head, http1);
    },
    onHttp2: (socket: Socket) => http2.accept(socket),
  };
  const tellByFirstBytes = (socket: Socket, protocols: Sniffed) => sniff(socket, headersTimeoutMs, protocols);
  const handshakes =
    options.credentials &&
    new Handshakes({
      credentials: options.credentials,
      timeoutMs: headersTimeoutMs,
      warn,
      onSecure: (socket, transport) => {
        const connection = attachedTo(transport);
        attach(connection, socket);
        connection.socket = socket;
        // HTTP/2 is known by its preface, as in cleartext. But a client that agreed on HTTP/1.1 is answered 400 when
        // it speaks HTTP/2.
        const agreedOnHttp1 = socket.alpnProtocol === "http/1.1";
        tellByFirstBytes(socket, agreedOnHttp1 ? { ...http, onHttp2: http.onHttp1 } : http);
      },
    });
  const protocols: Sniffed =
    handshakes === undefined
      ? {
          ...http,
          onTls: (socket, head) => {
            warn(
              attachedTo(socket),
              "a client spoke TLS to a port without TLS: call it with http://, or set TLS_CERT_FILE",
            );
            // Its 400 in cleartext is what clients of TLS take for a port without TLS.
            http.onHttp1(socket, head);
          },
        }
      : {
          ...(options.tlsAllowCleartext ? http : cleartextRefusal(warn)),
          onTls: (socket) => handshakes.accept(socket),
        };
  const onConnection = (socket: Socket) => {
    if (connections.open(socket)) {
      tellByFirstBytes(socket, protocols);
    }
  };
  server.removeAllListeners("connection");
  server.on("connection", onConnection);

  return {
    server,
    createPort: () => createPort(socketOptions, onConnection),
    inFlight: () => connections.calls,
    connections: () => connections.size,
    takeStreams: (take) => http2.takeStreams(take),
    takeRequests: (take) => {
      takeRequest = take;
    },
    useCredentials: (credentials) => handshakes?.useCredentials(credentials),
    drain: () => {
      draining = true;
      connections.drain();
      for (const response of answers.http1()) {
        // Sends "connection: close"; if the headers are sent already, the connection closes after the answer.
        response.shouldKeepAlive = false;
        response.once("finish", () => setImmediate(() => server.closeIdleConnections()));
      }
    },
    destroy: () => {
      connections.destroy();
      http2.close();
      answers.close();
    },
  };
}

/** Whether a request expects what this server does not know (RFC 9110, 10.1.1). */
function hasOddExpectation({ headers: { expect } }: IncomingMessage): boolean {
  return expect !== undefined && !/\b100-continue\b/i.test(expect);
}
