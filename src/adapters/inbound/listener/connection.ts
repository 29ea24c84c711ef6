import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { CallShare } from "./call-turns.ts";
import type { Peer } from "./peer.ts";

/** One TCP connection. TLS and HTTP are spoken inside of it and make no other one. */
export interface Connection {
  /**
   * They are read once a connection: the socket of an HTTP/2 session is a slow proxy, and normalizing costs time too.
   */
  readonly peer: Peer;
  readonly client: Client;
  readonly share: CallShare;
  readonly pieces: Pieces;
  /** What HTTP is spoken on: the TCP connection, or the TLS one inside of it. */
  socket: Socket;
  /** The protocol that is spoken on the connection replaces it. */
  ending: Ending;
  /** Bytes of bodies that were read of it by whoever handles its calls. */
  bodyBytes: number;
  /** Undefined unless HTTP/1.1 is spoken on it. */
  requests: Requests | undefined;
  /** Calls in flight. */
  calls: number;
  hasCalled: boolean;
  /** When the last call ended, or the connection was opened, on `performance.now()`'s clock. */
  idleSinceMs: number;
  /** The connection is so old that it ends after the calls that are under way. */
  isRetired: boolean;
  /** When the peer was asked to leave. */
  letGoAtMs: number | undefined;
}

/** The connections of one client address. */
export interface Client {
  readonly connections: Set<Connection>;
  /** Those without calls in flight, the longest idle first. */
  readonly idle: Set<Connection>;
  /** What its open HTTP/2 calls are counted as: see `OpenCalls`. */
  callBytes: number;
  /** The bytes that were read of its connections, and were not of bodies, until the last look: see `FloodWatch`. */
  otherBytes: number;
  /** What `Pieces` were told of in this turn of the event loop. */
  pieces: number;
}

/** Is told of whatever costs more to read than it is long: see `PieceTurns`. */
export interface Pieces {
  /**
   * @param count of small pieces of a body that cost as much @default 1
   * @returns whether so many of the client have come that nothing more is read of it in this turn of the event loop
   */
  came(connection: Connection, count?: number): boolean;
}

/** How a connection ends, which depends on what is spoken on it. */
export interface Ending {
  /** Asks the peer to leave, where the protocol can, so that no call that is under way is lost. */
  letGo(): void;
  /** Closes the connection at once. */
  close(): void;
}

/** The requests of an HTTP/1.1 connection. */
export interface Requests {
  /** Takes a request from the parser. */
  add(request: IncomingMessage, response: ServerResponse): void;
  /** A request that was handed on has been answered, or its caller has gone. */
  closed(): void;
  /**
   * Whether bytes that are no request came behind requests that are not answered. `fail` is called when they are.
   * The parser takes nothing more then.
   */
  failLater(fail: () => void): boolean;
}

const connectionKey = Symbol("connection");

interface Carrier {
  [connectionKey]?: Connection;
}

/** Attaches the connection to an object that it leads to: a socket, an HTTP/2 session, an answer. */
export function attach(connection: Connection, carrier: object): void {
  (carrier as Carrier)[connectionKey] = connection;
}

/** The connection that was attached to this object; undefined when there is none. */
export function connectionAt(carrier: object | null | undefined): Connection | undefined {
  return (carrier as Carrier | null | undefined)?.[connectionKey];
}

/** The connection of an object that has one. */
export function attachedTo(carrier: object): Connection {
  const connection = connectionAt(carrier);
  if (connection === undefined) {
    throw new Error("the listener has not opened this connection");
  }
  return connection;
}
