import type { Socket } from "node:net";
import type { Logger } from "pino";
import { CallShare } from "./call-turns.ts";
import { attach, type Client, type Connection } from "./connection.ts";
import { FloodWatch } from "./flood-watch.ts";
import { describePeer } from "./peer.ts";
import { PieceTurns } from "./piece-turns.ts";

export interface ConnectionLimits {
  /** The bound holds for both ports together. */
  readonly maxConnections: number;
  readonly maxConnectionsPerClient: number;
  /** A connection without any call yet is let go after this time. */
  readonly firstCallTimeoutMs: number;
  /** A connection without calls in flight is let go after this time. */
  readonly idleTimeoutMs: number;
  /** A connection is retired at this age, give or take a tenth; 0 is never. */
  readonly maxConnectionAgeMs: number;
}

/** Connections that were opened together must not come back together. */
const ageJitter = 0.1;

/** A peer that was asked to leave and stays without a call is cut after this time. */
const leaveMs = 1_000;

/**
 * All open connections. Idle means without calls, not without bytes: a PING keeps nothing open, a silent call is
 * not cut.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #logger: Logger;
  readonly #open = new Set<Connection>();
  /** The longest idle first. */
  readonly #idle = new Set<Connection>();
  /** Those that will be retired, and when; the oldest first. */
  readonly #retireAtMs = new Map<Connection, number>();
  readonly #clients = new Map<string, Client>();
  readonly #pieceTurns = new PieceTurns();
  readonly #floods: FloodWatch;
  readonly #sweep: NodeJS.Timeout;
  #calls = 0;

  constructor(limits: ConnectionLimits, logger: Logger) {
    this.#limits = limits;
    this.#logger = logger;
    const ageMs = limits.maxConnectionAgeMs || Number.POSITIVE_INFINITY;
    const shortestMs = Math.min(limits.firstCallTimeoutMs, limits.idleTimeoutMs, ageMs);
    const sweepMs = Math.min(Math.max(shortestMs / 8, 10), 1_000);
    this.#floods = new FloodWatch(sweepMs);
    const sweep = () => {
      this.#slowFlood();
      this.#letIdleGo();
      this.#retire();
    };
    this.#sweep = setInterval(sweep, sweepMs);
    this.#sweep.unref();
  }

  /** Calls in flight now, over all connections. */
  get calls(): number {
    return this.#calls;
  }

  /** Connections that are open now. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * Counts a connection until it closes. When a limit is reached, the connection that has been idle longest is closed
   * for it: one of the same client when that client is at its limit, else one of all.
   * @returns undefined when all of them have calls in flight; then the socket is destroyed
   */
  open(socket: Socket): Connection | undefined {
    const peer = describePeer(socket.remoteAddress);
    const client = this.#clients.get(peer.clientKey) ?? newClient();
    const { maxConnections, maxConnectionsPerClient } = this.#limits;
    const isOverShare = client.connections.size >= maxConnectionsPerClient;
    if (isOverShare || this.#open.size >= maxConnections) {
      const [longestIdle] = isOverShare ? client.idle : this.#idle;
      const bound = isOverShare ? { maxConnectionsPerClient } : { maxConnections };
      if (longestIdle === undefined) {
        this.#logger.warn({ remote: peer.address, ...bound }, "connection refused, too many are open");
        socket.destroy();
        return undefined;
      }
      const remote = longestIdle.peer.address;
      this.#logger.warn({ remote, ...bound }, "idle connection closed, too many are open");
      this.#forget(longestIdle);
      longestIdle.ending.close();
    }
    const connection: Connection = {
      peer,
      client,
      share: new CallShare(),
      pieces: this.#pieceTurns,
      socket,
      ending: { letGo: () => socket.destroy(), close: () => socket.destroy() },
      bodyBytes: 0,
      requests: undefined,
      calls: 0,
      hasCalled: false,
      idleSinceMs: performance.now(),
      isRetired: false,
      letGoAtMs: undefined,
    };
    const { maxConnectionAgeMs } = this.#limits;
    if (maxConnectionAgeMs > 0) {
      const jitter = 1 + ageJitter * (2 * Math.random() - 1);
      this.#retireAtMs.set(connection, connection.idleSinceMs + maxConnectionAgeMs * jitter);
    }
    client.connections.add(connection);
    this.#clients.set(peer.clientKey, client);
    this.#open.add(connection);
    this.#addIdle(connection);
    attach(connection, socket);
    socket.once("close", () => this.#forget(connection));
    this.#pieceTurns.opened(connection);
    return connection;
  }

  callStarted(connection: Connection): void {
    this.#calls += 1;
    connection.calls += 1;
    connection.hasCalled = true;
    if (connection.calls === 1) {
      this.#idle.delete(connection);
      connection.client.idle.delete(connection);
    }
  }

  callEnded(connection: Connection): void {
    this.#calls -= 1;
    connection.calls -= 1;
    if (connection.calls === 0 && this.#open.has(connection)) {
      connection.idleSinceMs = performance.now();
      this.#addIdle(connection);
    }
  }

  /** Warns of a call that was refused for lack of room. */
  callRefused({ peer }: Connection): void {
    this.#logger.warn({ remote: peer.address }, "call refused, too many are open");
  }

  /** Asks every peer to leave. Calls in flight go on. */
  drain(): void {
    clearInterval(this.#sweep);
    for (const { ending } of this.#open) {
      ending.letGo();
    }
  }

  /** Closes every connection at once. */
  destroy(): void {
    clearInterval(this.#sweep);
    for (const { ending } of this.#open) {
      ending.close();
    }
  }

  #addIdle(connection: Connection): void {
    this.#idle.add(connection);
    connection.client.idle.add(connection);
  }

  #forget(connection: Connection): void {
    if (!this.#open.delete(connection)) {
      return;
    }
    const { client, peer } = connection;
    this.#retireAtMs.delete(connection);
    this.#idle.delete(connection);
    client.idle.delete(connection);
    client.connections.delete(connection);
    if (client.connections.size === 0 && !this.#pieceTurns.isPaced(client)) {
      this.#clients.delete(peer.clientKey);
    }
  }

  /** Forgets clients that are gone, and has the one read slowly that holds up the event loop. */
  #slowFlood(): void {
    for (const [key, client] of this.#clients) {
      if (client.connections.size === 0 && !this.#pieceTurns.isPaced(client)) this.#clients.delete(key);
    }
    const flooding = this.#floods.look(this.#clients.values());
    if (flooding === undefined || this.#pieceTurns.isPaced(flooding)) return;
    const [first] = flooding.connections;
    this.#logger.warn(
      { remote: first?.peer.address },
      "the event loop was held up, the connections of the client that sent most beside bodies are read one by one for a while",
    );
    this.#pieceTurns.pace(flooding);
  }

  #letIdleGo(): void {
    const nowMs = performance.now();
    const { firstCallTimeoutMs, idleTimeoutMs } = this.#limits;
    const shorterMs = Math.min(firstCallTimeoutMs, idleTimeoutMs);
    for (const connection of this.#idle) {
      const idleMs = nowMs - connection.idleSinceMs;
      if (idleMs < shorterMs) {
        return;
      }
      if (idleMs < idleTimeoutMs && connection.hasCalled) {
        continue;
      }
      if (connection.letGoAtMs === undefined) {
        connection.letGoAtMs = nowMs;
        connection.ending.letGo();
      } else if (nowMs - connection.letGoAtMs >= leaveMs) {
        // A session ends in order only when its peer reads.
        connection.ending.close();
      }
    }
  }

  /**
   * A connection without a call yet is ended by another limit; it may not have shown yet how it can be asked to leave.
   */
  #retire(): void {
    const nowMs = performance.now();
    const mostJitterMs = 2 * ageJitter * this.#limits.maxConnectionAgeMs;
    for (const [connection, atMs] of this.#retireAtMs) {
      // Those that follow were opened later.
      if (nowMs < atMs - mostJitterMs) return;
      if (nowMs < atMs || !connection.hasCalled) continue;
      this.#retireAtMs.delete(connection);
      connection.isRetired = true;
      // HTTP/1.1 has no way of saying it between two answers: the next answer does.
      if (connection.requests === undefined) connection.ending.letGo();
    }
  }
}

function newClient(): Client {
  return { connections: new Set(), idle: new Set(), callBytes: 0, otherBytes: 0, pieces: 0 };
}
