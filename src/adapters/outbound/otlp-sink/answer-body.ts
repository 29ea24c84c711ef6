import type { EventEmitter } from "node:events";
import type { Readable } from "node:stream";
import * as zlib from "node:zlib";

/** No more of an answer is kept: a message is a few bytes long. */
const maxAnswerBytes = 64 * 1024;
/** No more of an answer is read: it may have no end. By default gRPC's clients take messages of this size. */
const maxReadBytes = 4 * 2 ** 20;
/** A server that works on a request for long may say so now and then (RFC 9110, 15.2). */
const maxInformational = 100;

/** The body of an answer, unless there was more of it than is kept. */
export type AnswerBody = Uint8Array | "too long";

/** An answer that was cut off. The message is a code as in `Delivery`. */
export class AnswerFault extends Error {}

/** Reads the body of an answer. What was read before a failure stays. */
export class AnswerReader {
  readonly #chunks: Uint8Array[] = [];
  #byteLength = 0;

  /** Reads to the end. A body without an end is cut off. */
  async read(source: Readable): Promise<AnswerBody> {
    for await (const chunk of source) {
      this.#byteLength += chunk.byteLength;
      if (this.#byteLength <= maxAnswerBytes) this.#chunks.push(chunk);
      if (this.#byteLength > maxReadBytes) break;
    }
    return this.body;
  }

  get body(): AnswerBody {
    return this.#byteLength <= maxAnswerBytes ? Buffer.concat(this.#chunks, this.#byteLength) : "too long";
  }
}

/** The message of an answer that is compressed; undefined when it cannot be read. */
export function inflateAnswer(message: Uint8Array, encoding: string | undefined): Uint8Array | undefined {
  const options = { maxOutputLength: maxReadBytes };
  // Letter case does not matter (RFC 9110, 8.4.1).
  const coding = encoding?.toLowerCase();
  try {
    if (coding === "gzip") return zlib.gunzipSync(message, options);
    if (coding === "zstd") return zlib.zstdDecompressSync(message, options);
  } catch {
    // It is damaged, too long, or this Node has no zstd.
  }
  return undefined;
}

/**
 * Cuts a call when too many informational answers (1xx) come before its final one: each costs time, and they need have
 * no end.
 * @param event the event by which the call tells of one
 */
export function boundInformational(
  call: EventEmitter & { destroy(reason: Error): void },
  event: "information" | "headers",
): void {
  let count = 0;
  call.on(event, () => {
    count += 1;
    if (count === maxInformational) call.destroy(new AnswerFault("too many answers of 1xx"));
  });
}
