import { IncomingMessage } from "node:http";
import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { closeFloodingSession } from "../close-flooding-session.ts";
import { FEW_SMALL_CHUNKS, SMALL_BYTES } from "../small-chunks.ts";
import { type Client, type Connection, connectionAt, type Pieces } from "./connection.ts";

/** Small pieces of one client that are read in one turn of the event loop before its connections take turns. */
const maxPieces = 512;
/** For how long the connections of a client are read one by one that has held up the event loop. */
const pacedMs = 30_000;

/**
 * Shares the turns of the event loop among the connections of a client that sends bodies in small pieces, or what else
 * costs more to read than it is long: calls that are cancelled at once, or by the hundred, and frames such as PING. Node
 * reads all that has come by a connection in one turn, up to 2 MiB, and a piece of one byte costs as much as one of 2
 * KiB. Without this, 64 connections with chunks of one byte stop the event loop for 5 seconds, and 400 for 16, in which
 * they make gigabytes of objects.
 *
 * When many pieces of a client have come in a turn, nothing more is read in it of any connection of this client. In
 * the next turn they are read again, but those by which pieces came: they have to wait, and one of them is read in each
 * turn.
 *
 * Of some frames of HTTP/2, such as WINDOW_UPDATE, nobody is told. A client that has held up the event loop by them has
 * one of its connections read in each turn for a while, whatever comes.
 */
export class PieceTurns implements Pieces {
  /** The clients of whom pieces have come in this turn. */
  #counted: Client[] = [];
  /** The clients with connections that wait; the one whose turn is next comes first. */
  readonly #waiting = new Map<Client, Set<Connection>>();
  #isGiving = false;
  /** The clients whose connections are read one by one, and until when, on `performance.now()`'s clock. */
  readonly #paced = new Map<Client, number>();
  /** The connection of such a client that is read in this turn. */
  #given: Connection | undefined;

  came(connection: Connection, count = 1): boolean {
    const { client } = connection;
    const before = client.pieces;
    client.pieces += count;
    if (before === 0) {
      this.#counted.push(client);
      if (this.#counted.length === 1) setImmediate(this.#endTurn);
    }
    if (client.pieces < maxPieces) return false;
    if (before < maxPieces) {
      for (const { socket } of client.connections) handleOf(socket)?.readStop();
    }
    this.#wait(client, connection);
    return true;
  }

  /** Has the connections of a client read one by one from now on, for a while. */
  pace(client: Client): void {
    this.#paced.set(client, performance.now() + pacedMs);
    for (const connection of client.connections) this.#hold(connection);
  }

  /** Returns whether the connections of a client are read one by one. */
  isPaced(client: Client): boolean {
    const untilMs = this.#paced.get(client);
    if (untilMs === undefined) return false;
    if (performance.now() < untilMs) return true;
    this.#paced.delete(client);
    return false;
  }

  /** A connection has been opened. */
  opened(connection: Connection): void {
    if (this.isPaced(connection.client)) this.#hold(connection);
  }

  /** Has nothing read of a connection before its turn comes. */
  #hold(connection: Connection): void {
    handleOf(connection.socket)?.readStop();
    this.#wait(connection.client, connection);
  }

  #wait(client: Client, connection: Connection): void {
    const waiting = this.#waiting.get(client);
    if (waiting === undefined) this.#waiting.set(client, new Set([connection]));
    else waiting.add(connection);
    if (this.#isGiving) return;
    this.#isGiving = true;
    setImmediate(this.#give);
  }

  readonly #endTurn = (): void => {
    const clients = this.#counted;
    this.#counted = [];
    for (const client of clients) {
      if (client.pieces >= maxPieces) this.#readOthers(client);
      client.pieces = 0;
    }
  };

  #readOthers(client: Client): void {
    const waiting = this.#waiting.get(client);
    for (const connection of client.connections) {
      if (waiting?.has(connection) !== true) startReading(connection.socket);
    }
  }

  /** Has one of the connections that wait read in the next turn, by which the clients take turns, too. */
  readonly #give = (): void => {
    const given = this.#given;
    this.#given = undefined;
    if (given !== undefined && !given.socket.destroyed && this.isPaced(given.client)) this.#hold(given);
    const [next] = this.#waiting;
    this.#isGiving = next !== undefined;
    if (next === undefined) return;
    const [client, connections] = next;
    const isPaced = this.isPaced(client);
    // The connections of a paced client wait also when nothing comes by them.
    if (isPaced) setTimeout(this.#give, 1).unref();
    else setImmediate(this.#give);
    this.#waiting.delete(client);
    for (const connection of connections) {
      connections.delete(connection);
      if (connection.socket.destroyed) continue;
      startReading(connection.socket);
      if (isPaced) this.#given = connection;
      break;
    }
    if (connections.size > 0) this.#waiting.set(client, connections);
  };
}

/** Reads for whoever has consumed the socket, Node's parser of HTTP/1.1 or its HTTP/2 session. */
interface Handle {
  /** False when the consumer itself has stopped. */
  readonly reading?: boolean;
  readStart(): number;
  readStop(): number;
}

function handleOf(socket: Socket): Handle | null | undefined {
  return (socket as Socket & { readonly _handle?: Handle | null })._handle;
}

/** The consumer resumes by itself what it has stopped. */
function startReading(socket: Socket): void {
  const handle = handleOf(socket);
  if (handle?.reading !== false) handle?.readStart();
}

/** A request over HTTP/1.1 that tells of the small pieces of its body, whether anybody reads it or not. */
export class CountedRequest extends IncomingMessage {
  #small = 0;
  #isDropped = false;

  /** Node calls it when nobody has read the body. Its own would have the parser drop the pieces without a word. */
  _dump(): void {
    this.#isDropped = true;
    this.resume();
  }

  override push(chunk: Uint8Array | null, encoding?: BufferEncoding): boolean {
    if (chunk === null || chunk.byteLength >= SMALL_BYTES) return super.push(chunk, encoding);
    this.#small += 1;
    if (this.#small > FEW_SMALL_CHUNKS) {
      // Node's parser goes on to the end of what was read.
      if (this.socket.destroyed) return true;
      const connection = connectionAt(this.socket);
      connection?.pieces.came(connection);
      if (this.#isDropped) return true;
    }
    return super.push(chunk, encoding);
  }
}

/** The events of a session for frames of which a client may send thousands. */
const frameEvents = ["ping", "remoteSettings"] as const;
/** A peer says once or twice that it leaves (RFC 9113, 6.8). */
const maxGoaways = 8;
/** The rest of 64 KiB of GOAWAY frames takes 0.6 ms, though none of them is looked at after `maxGoaways`. */
const goawayPieces = 16;

/** Tells of frames of a session that belong to no stream. */
export function countFrames(session: ServerHttp2Session, connection: Connection): void {
  for (const event of frameEvents) {
    const came = () => {
      if (!connection.pieces.came(connection)) return;
      // Node calls JavaScript for a PING or SETTINGS frame only while somebody listens: the rest of what was read is not
      // told, which takes a quarter of the time.
      session.off(event, came);
      setImmediate(listen);
    };
    const listen = () => {
      if (!session.destroyed) session.on(event, came);
    };
    listen();
  }
  let goaways = 0;
  session.on("goaway", () => {
    goaways += 1;
    connection.pieces.came(connection, goawayPieces);
    // What follows is not looked at.
    if (goaways > maxGoaways) closeFloodingSession(session, "too many GOAWAY frames");
  });
}

/** Tells of a small piece of a body that has come over HTTP/2, of a request or of its stream. */
export function pieceCame(source: Readable & { readonly stream?: object }): void {
  const connection = connectionAt(source.stream ?? source);
  connection?.pieces.came(connection);
}

/**
 * Tells of the small pieces of an HTTP/2 stream that waits to be read.
 * @returns a function to be called when it is read
 */
export function countWhileWaiting(stream: ServerHttp2Stream): () => void {
  const { push } = stream;
  let small = 0;
  stream.push = (chunk: Uint8Array | null, encoding) => {
    if (chunk !== null && chunk.byteLength < SMALL_BYTES) {
      small += 1;
      if (small > FEW_SMALL_CHUNKS) pieceCame(stream);
    }
    return push.call(stream, chunk, encoding);
  };
  return () => {
    stream.push = push;
  };
}
