import { ObsvtyError } from "../../../domain/errors.ts";
import { type Awaiting, throwIfUnwanted } from "../../../use-cases/ingest/awaiting.ts";
import { type BodyEncoding, codecOf } from "./codecs.ts";
import { OutputTooLarge } from "./decode/decoded-bytes.ts";
import type { InflightBytes } from "./inflight-bytes.ts";
import { tooLargeInflated } from "./too-large.ts";

/**
 * Up to this many bytes are inflated on the spot, unless they become more than the next limit: a thread of the pool
 * costs more than inflating them. More would stall other requests for milliseconds.
 */
const ON_THE_SPOT_BYTES = 32 * 1024;
const ON_THE_SPOT_INFLATED_BYTES = 1024 * 1024;
/** More would not be faster: what is inflated has to pass through the one event loop. */
const CONCURRENT = 2;
/** Each chunk of output costs a round trip to the thread; Node's 16 KiB make 256 of them for 4 MiB. */
const CHUNK_BYTES = 256 * 1024;

/** The words before the name of the encoding in a `corrupt-encoding`. */
const notValid = "message is not valid";

/** Whether a message is that of a `corrupt-encoding`, of which the Connect library keeps no more. */
export function tellsCorruptEncoding(message: string): boolean {
  return message.startsWith(notValid);
}

/**
 * Inflates a few bytes on the spot.
 * @throws ObsvtyError `too-large`, `corrupt-encoding`
 */
export function inflateOnTheSpot(
  encoding: BodyEncoding,
  compressed: Uint8Array,
  maxBytes: number,
): Uint8Array<ArrayBuffer> {
  try {
    return codecOf(encoding).sync(compressed, { maxOutputLength: maxBytes });
  } catch (error) {
    throw translate(error, encoding, maxBytes);
  }
}

export interface Inflated {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The owner calls it when it no longer needs the bytes: until then they count as in flight. */
  release(): void;
}

/**
 * Inflates bodies, two at once, each within a limit of its output. What one may need at most counts as in flight
 * before it starts, so that many small bodies cannot inflate to more than the server's memory.
 */
export class Inflater {
  readonly #inflight: InflightBytes;
  readonly #maxBytes: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param maxBytes of one inflated body */
  constructor(inflight: InflightBytes, maxBytes: number) {
    this.#inflight = inflight;
    this.#maxBytes = maxBytes;
  }

  /**
   * Inflates a small body. Undefined when that should not be done on the spot.
   * @throws ObsvtyError `too-large`, `corrupt-encoding`
   */
  inflateNow(encoding: BodyEncoding, compressed: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    // An empty message may carry the compressed flag without even a gzip header (some clients send it so).
    if (compressed.byteLength === 0) return new Uint8Array();
    if (compressed.byteLength > ON_THE_SPOT_BYTES) return undefined;
    const maxBytes = Math.min(this.#maxBytes, ON_THE_SPOT_INFLATED_BYTES);
    try {
      return inflateOnTheSpot(encoding, compressed, maxBytes);
    } catch (error) {
      if (error instanceof ObsvtyError && error.code === "too-large" && maxBytes < this.#maxBytes) {
        return undefined;
      }
      throw error;
    }
  }

  /**
   * Inflates a body of any size on a thread of the pool, when its turn has come.
   * @param ofRequest the bytes of the same request that are in flight already
   * @throws ObsvtyError `overloaded`, `too-large`, `corrupt-encoding`, and why the caller does not wait any more
   */
  async inflate(
    encoding: BodyEncoding,
    compressed: Uint8Array,
    ofRequest: number,
    caller: Awaiting,
  ): Promise<Inflated> {
    await this.#turn();
    let held = 0;
    const release = () => {
      this.#inflight.release(held);
      held = 0;
    };
    try {
      throwIfUnwanted(caller);
      held = this.#maxBytes;
      const error = this.#inflight.hold(held, held + ofRequest);
      if (error !== undefined) throw error;
      const bytes = await this.#run(encoding, compressed);
      this.#inflight.release(held - bytes.byteLength);
      held = bytes.byteLength;
      throwIfUnwanted(caller);
      return { bytes, release };
    } catch (error) {
      release();
      throw error;
    } finally {
      this.#passTurn();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running < CONCURRENT) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The one that waited goes on only later in this turn of the event loop: its place must not be free until then. */
  #passTurn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }

  #run(encoding: BodyEncoding, compressed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const options = { maxOutputLength: this.#maxBytes, chunkSize: CHUNK_BYTES };
    return new Promise((resolve, reject) => {
      codecOf(encoding).async(compressed, options, (error, inflated) => {
        if (error === null) resolve(inflated);
        else reject(translate(error, encoding, this.#maxBytes));
      });
    });
  }
}

function translate(error: unknown, encoding: BodyEncoding, maxBytes: number): ObsvtyError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ERR_BUFFER_TOO_LARGE" || error instanceof OutputTooLarge
    ? tooLargeInflated(maxBytes, error)
    : new ObsvtyError("corrupt-encoding", `${notValid} ${encoding}`, { cause: error });
}
