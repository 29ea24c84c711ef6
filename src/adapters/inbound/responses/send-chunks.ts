import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ObsvtyError } from "../../../domain/errors.ts";
import { hasLeft, http2StreamOf } from "../listener/request.ts";
import { cutOff, stopSendingAfterAnswer } from "./raw-response.ts";
import { recordRefusal } from "./refusal.ts";
import { endAnswer, mustClose } from "./unread-body.ts";

/** An answer whose body is made while it is sent. */
export interface ChunkedResponse {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  /** The first chunk, which has been made already: headers may change until then. */
  readonly first: IteratorResult<Uint8Array>;
  readonly rest: AsyncIterator<Uint8Array>;
  /** They are asked for after the last chunk. */
  readonly trailers: () => OutgoingHttpHeaders | undefined;
  /** It is called after the last chunk, before the answer ends. */
  readonly beforeEnd: () => void;
}

/** Chunks are written in parts of this size, so that a caller that reads slowly is seen to read. */
const partBytes = 65_536;

/**
 * Answers past Fastify. Waits while the caller reads slowly, and cuts the call when the caller has read nothing for
 * `stallMs` milliseconds. Ends early, without an error, when the caller has gone away.
 */
export async function sendChunks(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, headers, first, rest, trailers, beforeEnd }: ChunkedResponse,
  stallMs: number,
): Promise<void> {
  const { raw } = reply;
  const isHttp1 = http2StreamOf(request.raw) === undefined;
  const isGone = () => (isHttp1 ? raw.destroyed : hasLeft(request));
  try {
    if (isGone()) return;
    raw.on("error", ignore);
    const close = isHttp1 && mustClose(request.raw);
    raw.writeHead(status, {
      ...(reply.getHeaders() as OutgoingHttpHeaders),
      ...headers,
      ...(close && { connection: "close" }),
    });
    for (let chunk = first; chunk.done !== true; chunk = await rest.next()) {
      for (let at = 0; at < chunk.value.byteLength; at += partBytes) {
        if (isGone()) return;
        if (raw.write(chunk.value.subarray(at, at + partBytes))) continue;
        if (!(await drained(raw, stallMs))) {
          cutUnread(request, stallMs);
          return;
        }
      }
    }
    if (isGone()) return;
    beforeEnd();
    const fields = trailers();
    if (fields !== undefined) raw.addTrailers(fields as Record<string, string>);
    if (isHttp1) {
      endAnswer(request.raw, raw, close);
    } else {
      stopSendingAfterAnswer(request);
      raw.end();
    }
  } finally {
    rest.return?.().catch(ignore);
  }
}

/** Whether the caller has read what was written, or has gone away; false when the time has passed. */
function drained(response: ServerResponse, stallMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isDrained: boolean) => {
      clearTimeout(timer);
      response.off("drain", onChange).off("close", onChange);
      resolve(isDrained);
    };
    const onChange = () => settle(true);
    const timer = setTimeout(() => settle(false), stallMs);
    response.on("drain", onChange).on("close", onChange);
  });
}

function cutUnread(request: FastifyRequest, stallMs: number): void {
  recordRefusal(
    request,
    new ObsvtyError("request-timeout", `the caller has read nothing of the answer for ${stallMs} ms`),
  );
  cutOff(request);
}

function ignore(): void {}
