import type { Readable } from "node:stream";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { Body } from "./body.ts";
import type { InflightBytes } from "./inflight-bytes.ts";

export interface ReadBodyOptions {
  /** Where the bytes held meanwhile are counted. */
  readonly inflight: InflightBytes;
  /** How long the body may take, in milliseconds. */
  readonly timeoutMs: number;
  /** What running out of time is. */
  readonly timeoutError: () => ObsvtyError;
  /** Looks at what has arrived so far; an error ends the reading at once. */
  readonly check: (soFar: Body) => ObsvtyError | undefined;
}

/**
 * Collects a body. Calls `done` once: with the whole body, with the error that ended the reading, or with
 * `cancelled` when the client went away. Until `done` returns (or the promise that it returns settles) the
 * bytes count as in flight.
 */
export function readBody(
  source: Readable,
  options: ReadBodyOptions,
  done: (error: ObsvtyError | undefined, body: Body) => void | Promise<void>,
): void {
  const chunks: Uint8Array[] = [];
  const body = { chunks, byteLength: 0 };
  let isDone = false;

  const finish = (error?: ObsvtyError): void => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    // What still comes of a refused body is drained unseen; the reply resets the stream.
    if (error !== undefined) source.removeListener("data", onData).resume();
    const settled = done(error, body);
    if (settled === undefined) options.inflight.release(body.byteLength);
    else settled.finally(() => options.inflight.release(body.byteLength));
  };
  const onData = (chunk: Uint8Array): void => {
    chunks.push(chunk);
    body.byteLength += chunk.byteLength;
    const error = options.inflight.hold(chunk.byteLength, body.byteLength) ?? options.check(body);
    if (error !== undefined) finish(error);
  };
  // Streams close after success too: no error is made for that.
  const onGone = (): void => {
    if (!isDone) finish(new ObsvtyError("cancelled", "the client went away"));
  };

  const timer = setTimeout(() => finish(options.timeoutError()), options.timeoutMs);
  source.on("data", onData);
  source.on("end", () => finish());
  source.on("error", onGone);
  source.on("aborted", onGone);
  source.on("close", onGone);
}
