import type { Worker } from "node:worker_threads";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { Signal } from "../../../domain/signal.ts";
import { type EncodedRequest, encodeJsonRequest } from "../../../otlp/json/encode-request.ts";
import type { IdEncoding } from "../../../otlp/json/message-plan.ts";
import { type Body, joinBody } from "../body/body.ts";
import type { JsonJob, JsonResult } from "./json-thread.ts";

/**
 * JSON up to this size is encoded on the spot. At worst, of values of one digit beside one of 16, that takes
 * 15 ms; a body of 4 MB took seconds, during which nobody else was served.
 */
const ON_THE_SPOT_BYTES = 32_768;
/** The thread ends when it has had nothing to do for this long, and gives its memory back. */
const IDLE_MS = 10_000;
/**
 * Heap for the thread's program, and for each byte of the largest request: `{},` becomes an object of 56 bytes, so
 * that 4 MiB of it need less than 128 MiB. `src/config/sizing.ts` counts as much.
 */
const BASE_HEAP_MIB = 32;
const HEAP_PER_BYTE = 32;

/** Encodes JSON requests in protobuf: small ones on the spot, large ones on a thread, one after another. */
export class JsonEncoder {
  readonly #maxHeapMib: number;
  readonly #isStrict: boolean;
  #thread: JsonThread | undefined;
  #idle: NodeJS.Timeout | undefined;

  /**
   * @param maxBytes of one request
   * @param isStrict see `EncodingOptions`
   */
  constructor(maxBytes: number, isStrict = false) {
    this.#isStrict = isStrict;
    this.#maxHeapMib = BASE_HEAP_MIB + Math.ceil((maxBytes * HEAP_PER_BYTE) / 2 ** 20);
  }

  /**
   * @throws ObsvtyError `not-the-message`; from the thread also `too-large` when the request needs more heap than
   * there is, and `overloaded` when the thread ended for another reason
   */
  encode(signal: Signal, body: Body, ids: IdEncoding): EncodedRequest | Promise<EncodedRequest> {
    const options = { ids, isStrict: this.#isStrict };
    return body.byteLength <= ON_THE_SPOT_BYTES
      ? encodeJsonRequest(signal, joinBody(body), options)
      : this.#encodeOnThread({ signal, json: copyOf(body), options });
  }

  /** Ends the thread, if there is one. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.end();
  }

  async #encodeOnThread(job: JsonJob): Promise<EncodedRequest> {
    const { startJsonThread } = await import("./json-thread.ts");
    clearTimeout(this.#idle);
    this.#thread ??= new JsonThread(startJsonThread(this.#maxHeapMib));
    const thread = this.#thread;
    try {
      return await thread.encode(job);
    } finally {
      if (thread.hasEnded && this.#thread === thread) this.#thread = undefined;
      if (thread.isIdle) this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref();
    }
  }
}

interface Waiting {
  readonly resolve: (request: EncodedRequest) => void;
  readonly reject: (error: ObsvtyError) => void;
}

/** The thread as its user sees it. */
class JsonThread {
  readonly #worker: Worker;
  /** In the order in which the thread answers. */
  readonly #waiting: Waiting[] = [];
  hasEnded = false;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (result: JsonResult) => this.#finish(result));
    // `exit` follows, whatever the error is.
    worker.on("error", (error) => this.#failed(error));
    worker.on("exit", () => this.#ended());
    // Open connections keep the process alive, not this thread.
    worker.unref();
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  encode(job: JsonJob): Promise<EncodedRequest> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(job, [job.json.buffer]);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #finish(result: JsonResult): void {
    const waiting = this.#waiting.shift();
    if (result.kind === "encoded") waiting?.resolve(result.request);
    else waiting?.reject(new ObsvtyError(result.code, result.message));
  }

  /** The request at work is refused for good: sent again, it would end the next thread too. */
  #failed(error: unknown): void {
    const isHeap = error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
    if (isHeap) this.#waiting.shift()?.reject(tooManyValues());
  }

  #ended(): void {
    this.hasEnded = true;
    for (const { reject } of this.#waiting.splice(0)) {
      reject(new ObsvtyError("overloaded", "the request could not be encoded", { retryAfterMs: 1_000 }));
    }
  }
}

function tooManyValues(): ObsvtyError {
  const message =
    "the request has more JSON values than the receiver has memory for; send fewer items at once";
  return new ObsvtyError("too-large", message);
}

function copyOf({ chunks, byteLength }: Body): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(byteLength);
  let at = 0;
  for (const chunk of chunks) {
    copy.set(chunk, at);
    at += chunk.byteLength;
  }
  return copy;
}
