import { setImmediate as turn } from "node:timers/promises";
import type { Signal } from "../../../domain/signal.ts";
import type { EncodedRequest } from "../../../otlp/json/encoding-report.ts";
import type { IdEncoding } from "../../../otlp/json/id-fields.ts";
import { JsonReader } from "../../../otlp/json/json-reader.ts";
import { type Awaiting, throwIfUnwanted } from "../../../use-cases/ingest/awaiting.ts";
import type { Body } from "../body/body.ts";

/**
 * JSON up to this size is encoded on the spot, in some hundred microseconds; in some milliseconds at worst. It never
 * waits for a larger request.
 */
export const SMALL_BYTES = 256 * 1024;
/** Larger requests are encoded in pieces of this size, which take a third of a millisecond each, and at worst 8. */
export const PIECE_BYTES = 640 * 1024;
/** The memory for large requests is given back when there was none for this long. */
const IDLE_MS = 10_000;

/**
 * Takes an encoded request.
 * @param areBytesShared true when the bytes are valid during the call alone; false when they are valid until the
 *   promise settles, which never rejects
 */
type UseEncoded = (encoded: EncodedRequest, areBytesShared: boolean) => undefined | Promise<void>;

/**
 * Encodes JSON requests in protobuf: small ones on the spot, and of large ones a piece in each turn of the event loop,
 * one request after another.
 */
export class JsonEncoder {
  readonly #maxBytes: number;
  readonly #isStrict: boolean;
  #small: JsonReader | undefined;
  #large: JsonReader | undefined;
  #isReadingLarge = false;
  /** Large requests that wait for the one that is read. */
  readonly #waiting: (() => void)[] = [];
  #idle: NodeJS.Timeout | undefined;

  /**
   * @param maxBytes of one request
   * @param isStrict see `ReadingOptions`
   */
  constructor(maxBytes: number, isStrict = false) {
    this.#maxBytes = maxBytes;
    this.#isStrict = isStrict;
  }

  /**
   * Returns a promise when it needs more than the turn of the event loop it is called in.
   * @throws ObsvtyError `not-the-message`, and why the caller does not wait any more; and what `use` throws
   */
  encode(
    signal: Signal,
    body: Body,
    ids: IdEncoding,
    use: UseEncoded,
    caller: Awaiting,
  ): undefined | Promise<void> {
    if (body.byteLength <= SMALL_BYTES) {
      this.#small ??= new JsonReader(Math.min(SMALL_BYTES, this.#maxBytes));
      this.#small.begin(signal, body.chunks, { ids, isStrict: this.#isStrict });
      // The next request is read into the same bytes, while this one may still be taken in steps.
      return use(this.#small.readAll(), true);
    }
    if (this.#isReadingLarge) return this.#encodeLater(signal, body, ids, use, caller);
    const reader = this.#beginLarge(signal, body, ids);
    const encoded = reader.read(PIECE_BYTES);
    if (encoded === undefined) return this.#alone(() => this.#encodeInPieces(reader, use, caller));
    const using = use(encoded, false);
    return using && this.#alone(() => using);
  }

  /** Gives the memory for large requests back. */
  close(): void {
    clearTimeout(this.#idle);
    this.#large = undefined;
  }

  #beginLarge(signal: Signal, body: Body, ids: IdEncoding): JsonReader {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.close(), IDLE_MS).unref();
    this.#large ??= new JsonReader(this.#maxBytes);
    this.#large.begin(signal, body.chunks, { ids, isStrict: this.#isStrict });
    return this.#large;
  }

  async #encodeLater(
    signal: Signal,
    body: Body,
    ids: IdEncoding,
    use: UseEncoded,
    caller: Awaiting,
  ): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    await this.#alone(async () => {
      // Those that nobody waits for take no turn of the event loop each.
      throwIfUnwanted(caller);
      await this.#encodeInPieces(this.#beginLarge(signal, body, ids), use, caller);
    });
  }

  async #encodeInPieces(reader: JsonReader, use: UseEncoded, caller: Awaiting): Promise<void> {
    let encoded: EncodedRequest | undefined;
    while (encoded === undefined) {
      await turn();
      throwIfUnwanted(caller);
      encoded = reader.read(PIECE_BYTES);
    }
    await use(encoded, false);
  }

  /** Lets other large requests wait until this one needs the memory for them no more. */
  async #alone(work: () => Promise<void>): Promise<void> {
    this.#isReadingLarge = true;
    try {
      await work();
    } finally {
      const next = this.#waiting.shift();
      this.#isReadingLarge = next !== undefined;
      next?.();
    }
  }
}
