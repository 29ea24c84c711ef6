import { setImmediate as turn } from "node:timers/promises";
import type { AcceptedRequest } from "../../../domain/accepted-request.ts";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { Signal } from "../../../domain/signal.ts";
import { JsonWriter } from "../../../otlp/json/json-writer.ts";
import { TextBuffer } from "../../../otlp/json/text-buffer.ts";
import {
  abortedDelivery,
  type Delivery,
  isFailureCode,
  type TelemetrySink,
} from "../../../ports/telemetry-sink.ts";
import { FileFault, LineFile, type LineFileOptions } from "./line-file.ts";

export interface FileSinkOptions extends LineFileOptions {
  /** A file that would grow beyond it is rotated. One line that is longer is a file of its own. */
  readonly maxFileBytes: number;
}

const newline = 0x0a;
/** Bytes that are written at once. */
const pieceBytes = 256 * 1_024;
/** No request is longer than MAX_RECEIVE_MESSAGE_LENGTH, which is at most this. */
const maxRequestBytes = 64 * 2 ** 20;

/**
 * A file of JSON lines, as the Collector's file exporter writes it: each line is one Export request in OTLP/JSON.
 * Delivered means that the bytes have been handed to the operating system; they are not synced to the disk.
 *
 * Deliveries are written one after another. What a delivery that fails has written is taken back, so that each line
 * is whole, unless the process is killed in the middle of one: the next start cuts it off.
 */
export class FileSink implements TelemetrySink {
  readonly name = "file";
  readonly maxBytes = maxRequestBytes;
  readonly #file: LineFile;
  readonly #maxFileBytes: number;
  readonly #writer = new JsonWriter();
  readonly #text = new TextBuffer(pieceBytes);
  /** Settles when the deliveries so far are done with. */
  #queue: Promise<unknown> = Promise.resolve();

  private constructor({ maxFileBytes, ...options }: FileSinkOptions) {
    this.#file = new LineFile(options);
    this.#maxFileBytes = maxFileBytes;
  }

  /** @throws ObsvtyError `invalid-argument` when the file cannot be written now */
  static async open(options: FileSinkOptions): Promise<FileSink> {
    const sink = new FileSink(options);
    try {
      await sink.#file.prepare();
    } catch (cause) {
      const fault = cause instanceof FileFault ? cause.message : `cannot be written (${codeOf(cause)})`;
      throw new ObsvtyError("invalid-argument", fault, { cause });
    }
    return sink;
  }

  async deliver(signal: Signal, requests: readonly AcceptedRequest[], abort: AbortSignal): Promise<Delivery> {
    if (abort.aborted) return abortedDelivery;
    const { promise: aborted, resolve } = Promise.withResolvers<Delivery>();
    const onAbort = () => resolve(abortedDelivery);
    abort.addEventListener("abort", onAbort, { once: true });
    const delivery = this.#queue.then(() => this.#deliverNow(signal, requests, abort));
    this.#queue = delivery;
    try {
      return await Promise.race([delivery, aborted]);
    } finally {
      abort.removeEventListener("abort", onAbort);
    }
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#file.close();
  }

  /** Never rejects. */
  async #deliverNow(
    signal: Signal,
    requests: readonly AcceptedRequest[],
    abort: AbortSignal,
  ): Promise<Delivery> {
    if (abort.aborted) return abortedDelivery;
    const writing: Writing = { start: undefined };
    try {
      await this.#file.prepare();
      writing.start = this.#file.size;
      this.#text.clear();
      for (const { bytes } of requests) await this.#writeLine(writing, signal, bytes, abort);
      await this.#flush();
      return { kind: "delivered" };
    } catch (reason) {
      // When that fails too, it is done before the next delivery.
      if (writing.start !== undefined) await this.#file.cutTo(writing.start).catch(() => {});
      return abort.aborted ? abortedDelivery : { kind: "later", code: codeOf(reason) };
    }
  }

  /** Writes a line into the text, behind those that are there, and from there into the file when that has to be. */
  async #writeLine(writing: Writing, signal: Signal, bytes: Uint8Array, abort: AbortSignal): Promise<void> {
    let lineAt = this.#text.byteLength;
    this.#writer.begin(signal, bytes);
    while (!this.#writer.write(this.#text)) {
      if (!this.#text.isFull) await turn();
      else if (lineAt === 0) return this.#writeLongLine(writing, signal, bytes, abort);
      else {
        await this.#flush(lineAt);
        lineAt = 0;
      }
      abort.throwIfAborted();
    }
    this.#text.put(newline);
    if (this.#file.size + this.#text.byteLength <= this.#maxFileBytes) return;
    await this.#flush(lineAt);
    if (this.#file.size > 0) await this.#rotate(writing);
  }

  /** Goes on with a line that is longer than the text may be. */
  async #writeLongLine(
    writing: Writing,
    signal: Signal,
    bytes: Uint8Array,
    abort: AbortSignal,
  ): Promise<void> {
    const lineAt = this.#file.size;
    for (let isWritten = false; ; ) {
      if (lineAt > 0 && this.#file.size + this.#text.byteLength > this.#maxFileBytes) {
        await this.#file.cutTo(lineAt);
        await this.#rotate(writing);
        this.#text.clear();
        return this.#writeLine(writing, signal, bytes, abort);
      }
      if (isWritten || this.#text.isFull) await this.#flush();
      else await turn();
      if (isWritten) return;
      abort.throwIfAborted();
      isWritten = this.#writer.write(this.#text);
      if (isWritten) this.#text.put(newline);
    }
  }

  async #rotate(writing: Writing): Promise<void> {
    // What is written already stays, and is written once more when the delivery fails.
    writing.start = undefined;
    await this.#file.rotate();
    writing.start = 0;
  }

  async #flush(byteLength = this.#text.byteLength): Promise<void> {
    if (byteLength > 0) await this.#file.append(this.#text.bytes.subarray(0, byteLength));
    this.#text.drop(byteLength);
  }
}

/** Where a delivery begins in the present file, when it has to be taken back from there on if it fails. */
interface Writing {
  start: number | undefined;
}

function codeOf(reason: unknown): string {
  const { code } = reason as NodeJS.ErrnoException;
  return typeof code === "string" && isFailureCode(code) ? code : "write failed";
}
