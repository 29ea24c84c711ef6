import type { FastifyRateLimitStore } from "@fastify/rate-limit";

interface Count {
  current: number;
  /** When the window of this client began, on `Date.now()`'s clock. */
  startMs: number;
}

/** Addresses counted one by one within a window, some 10 MB at most. */
const maxClients = 65_536;
/** The key of all further addresses together. No address is written like this. */
const allOthers = "*";

/**
 * Counts the requests of each client in a window, for `@fastify/rate-limit`. The store of that package forgets
 * the least recently seen client when it is full, so that a client with many addresses can clear its own count.
 * Here a count is kept until its window has ended; addresses beyond the bound are counted together.
 */
export class ClientCounts implements FastifyRateLimitStore {
  readonly #counts = new Map<string, Count>();
  readonly #maxClients: number;
  #purgedMs = 0;

  constructor(_options?: unknown, max = maxClients) {
    this.#maxClients = max;
  }

  incr(
    key: string,
    callback: (error: Error | null, result?: { current: number; ttl: number }) => void,
    windowMs: number,
  ): void {
    const nowMs = Date.now();
    const count = this.#countOf(key, nowMs, windowMs);
    if (nowMs - count.startMs >= windowMs) {
      count.current = 0;
      count.startMs = nowMs;
    }
    count.current += 1;
    callback(null, { current: count.current, ttl: windowMs - (nowMs - count.startMs) });
  }

  /** Fastify's plugin asks for it for routes with settings of their own, of which there are none. */
  child(): FastifyRateLimitStore {
    return this;
  }

  #countOf(key: string, nowMs: number, windowMs: number): Count {
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    if (this.#counts.size >= this.#maxClients) this.#purge(nowMs, windowMs);
    if (this.#counts.size >= this.#maxClients && key !== allOthers) {
      return this.#countOf(allOthers, nowMs, windowMs);
    }
    const count = { current: 0, startMs: nowMs };
    this.#counts.set(key, count);
    return count;
  }

  /** Forgets the clients whose window has ended. Once a window, since it looks at all of them. */
  #purge(nowMs: number, windowMs: number): void {
    if (nowMs - this.#purgedMs < windowMs) return;
    this.#purgedMs = nowMs;
    for (const [key, { startMs }] of this.#counts) {
      if (nowMs - startMs >= windowMs) this.#counts.delete(key);
    }
  }
}
