/**
 * The number of waiting requests of all connections together; more of them wait only when somebody sends them by the
 * hundred.
 */
const manyWaiting = 64;
/** The time for which new connections are taken over too. Whoever goes on later is noticed again. */
const alarmMs = 10_000;

/** A connection whose bytes can be read by other means than Node's, which are fast and parse all that has come. */
interface Http1Connection {
  takeOver(): void;
}

/**
 * Notices that many pipelined requests wait, and has all HTTP/1.1 connections taken over then: in the same turn of the
 * event loop, Node might parse thousands of requests of each.
 */
export class PipeliningGuard {
  readonly #connections = new Set<Http1Connection>();
  #waiting = 0;
  #alarmedAtMs = Number.NEGATIVE_INFINITY;

  /** Returns whether the connection has to be taken over at once. */
  opened(connection: Http1Connection): boolean {
    this.#connections.add(connection);
    return performance.now() - this.#alarmedAtMs < alarmMs;
  }

  closed(connection: Http1Connection): void {
    this.#connections.delete(connection);
  }

  /** A pipelined request has come. */
  waits(): void {
    this.#waiting += 1;
    if (this.#waiting === manyWaiting) this.#alarm();
  }

  /** It waits no more. */
  waitsNoMore(): void {
    this.#waiting -= 1;
  }

  #alarm(): void {
    this.#alarmedAtMs = performance.now();
    // The parser has executed what it has, and no other connection has been read since.
    process.nextTick(() => {
      for (const connection of this.#connections) connection.takeOver();
    });
  }
}
