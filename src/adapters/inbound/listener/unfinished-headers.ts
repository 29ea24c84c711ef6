import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Connection } from "./connection.ts";

interface Watched {
  readonly connection: Connection;
  /** The newest stream whose header block has arrived whole, or was refused by nghttp2. */
  finishedStream: number;
  /** When a newer stream was first seen, whose header block has not ended. */
  unfinishedSinceMs: number | undefined;
}

/**
 * Cuts HTTP/2 connections that begin a header block (HEADERS and CONTINUATION, RFC 9113, 4.3) and do not end it in
 * time. Node tells of a stream only when its header block is whole, but the session's state names the newest stream
 * that has begun. No frame can come in between, so a peer that answers a PING has no header block open: its stream
 * was refused.
 */
export class UnfinishedHeaders {
  readonly #timeoutMs: number;
  readonly #sessions = new Map<ServerHttp2Session, Watched>();
  readonly #sweep: NodeJS.Timeout;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#sweep = setInterval(() => this.#look(), Math.min(Math.max(timeoutMs / 4, 10), 1_000));
    this.#sweep.unref();
  }

  watch(session: ServerHttp2Session, connection: Connection): void {
    this.#sessions.set(session, { connection, finishedStream: 0, unfinishedSinceMs: undefined });
    session.once("close", () => this.#sessions.delete(session));
  }

  /** The header block of a stream is whole. */
  finished(session: ServerHttp2Session, { id = 0 }: ServerHttp2Stream): void {
    const watched = this.#sessions.get(session);
    if (watched !== undefined) watched.finishedStream = id;
  }

  /** Stops looking. */
  close(): void {
    clearInterval(this.#sweep);
  }

  #look(): void {
    const nowMs = performance.now();
    for (const [session, watched] of this.#sessions) {
      // There is no value when the session has been destroyed.
      const { lastProcStreamID: newest = 0 } = session.state;
      if (newest <= watched.finishedStream) {
        watched.unfinishedSinceMs = undefined;
      } else if (watched.unfinishedSinceMs === undefined) {
        watched.unfinishedSinceMs = nowMs;
        session.ping((error) => {
          if (error === null) watched.finishedStream = Math.max(newest, watched.finishedStream);
        });
      } else if (nowMs - watched.unfinishedSinceMs >= this.#timeoutMs) {
        watched.connection.ending.close();
      }
    }
  }
}
