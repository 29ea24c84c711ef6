import type { ServerResponse } from "node:http";
import { constants, type ServerHttp2Stream } from "node:http2";
import { Bag } from "../bag.ts";

/** The object that closes when a call ends. */
export type Answer = ServerHttp2Stream | ServerResponse;

/** When an answer was first seen to be written to its end, on `performance.now()`'s clock. */
const endedAtKey = Symbol("endedAt");

type Watched = Answer & { [endedAtKey]?: number };

/**
 * The answers of all open calls. Cuts calls whose answer has been written to its end but is not read by the caller, such
 * as one that gives an HTTP/2 stream no window. Otherwise they would stay open for good, and so keep their connection
 * from being idle. Looks at all answers now and then: a timer for each would cost more than the call.
 */
export class OpenAnswers {
  readonly #answers = new Bag<Watched>();
  readonly #timeoutMs: number;
  readonly #sweep: NodeJS.Timeout;

  /** @param timeoutMs for which an answer may wait to be read */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#sweep = setInterval(() => this.#cutOverdue(), Math.min(Math.max(timeoutMs / 4, 10), 1_000));
    this.#sweep.unref();
  }

  add(answer: Answer): void {
    this.#answers.add(answer);
  }

  delete(answer: Answer): void {
    this.#answers.delete(answer);
  }

  /** Those over HTTP/1.1. */
  http1(): ServerResponse[] {
    return this.#answers.elements().filter((answer): answer is ServerResponse => !isStream(answer));
  }

  /** Stops looking. */
  close(): void {
    clearInterval(this.#sweep);
  }

  #cutOverdue(): void {
    const nowMs = performance.now();
    for (const answer of this.#answers.elements()) {
      if (!answer.writableEnded) continue;
      answer[endedAtKey] ??= nowMs;
      if (nowMs - answer[endedAtKey] >= this.#timeoutMs) cut(answer);
    }
  }
}

function cut(answer: Answer): void {
  if (isStream(answer)) {
    answer.close(constants.NGHTTP2_CANCEL);
    answer.destroy();
  } else {
    answer.socket?.destroy();
  }
}

function isStream(answer: Answer): answer is ServerHttp2Stream {
  return "session" in answer;
}
