import type { Readable } from "node:stream";
import { type Client, connectionAt } from "./connection.ts";

/** A turn of the event loop that takes longer than this has held up everybody. */
const heldUpMs = 250;
/** So have shorter ones when the turns since the last look took this long on average. Under load they take 10 ms. */
const heldUpTurnMs = 50;
/** A client of which less than this was read since the last look, beside bodies, holds nobody up by it. */
const floodBytes = 2 ** 24;

/**
 * Finds the client that holds up the event loop by what Node reads and tells nobody of, such as WINDOW_UPDATE frames of
 * HTTP/2. Bytes of bodies do not count: they are bounded elsewhere, and exporters send hundreds of MiB of them a second.
 * It looks now and then: to look at each read would cost every client.
 */
export class FloodWatch {
  readonly #periodMs: number;
  /** When the last look was, on `performance.now()`'s clock, and what there was then. */
  #lookedAtMs = performance.now();
  #activeMs = activeMs();
  #turns = turns();

  /** @param periodMs after which it is told to look again, as soon as the event loop turns */
  constructor(periodMs: number) {
    this.#periodMs = periodMs;
  }

  /** The client that has sent most beside bodies since the last look, if it was much and the event loop was held up. */
  look(clients: Iterable<Client>): Client | undefined {
    let most = floodBytes;
    let flooding: Client | undefined;
    for (const client of clients) {
      let otherBytes = 0;
      for (const { socket, bodyBytes } of client.connections) otherBytes += socket.bytesRead - bodyBytes;
      const newBytes = otherBytes - client.otherBytes;
      client.otherBytes = otherBytes;
      if (newBytes < most) continue;
      most = newBytes;
      flooding = client;
    }
    return this.#wasHeldUp() ? flooding : undefined;
  }

  #wasHeldUp(): boolean {
    const nowMs = performance.now();
    const lateMs = nowMs - this.#lookedAtMs - this.#periodMs;
    this.#lookedAtMs = nowMs;
    const [activeBefore, turnsBefore] = [this.#activeMs, this.#turns];
    this.#activeMs = activeMs();
    this.#turns = turns();
    const turnMs = (this.#activeMs - activeBefore) / Math.max(1, this.#turns - turnsBefore);
    return lateMs > heldUpMs || turnMs > heldUpTurnMs;
  }
}

/** A request or its stream, over HTTP/1.1 or HTTP/2. */
type BodySource = Readable & { readonly stream?: object; readonly socket?: object };

/** Tells of bytes of a body that were read. */
export function bodyBytesCame(source: BodySource, bytes: number): void {
  const connection = connectionAt(source.stream ?? source) ?? connectionAt(source.socket);
  if (connection !== undefined) connection.bodyBytes += bytes;
}

/** For how long the event loop has had something to do. */
function activeMs(): number {
  return performance.eventLoopUtilization().active;
}

/** How often the event loop has turned. */
function turns(): number {
  return performance.nodeTiming.uvMetricsInfo.loopCount;
}
