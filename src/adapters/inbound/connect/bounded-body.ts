import type { UniversalServerRequest } from "@connectrpc/connect/protocol";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { InflightBytes } from "../body/inflight-bytes.ts";
import { connectErrorOf } from "../responses/connect-error.ts";

export interface BodyBounds {
  /** Time that the body may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Where its bytes are counted until they are released. */
  readonly inflight: InflightBytes;
  /** Told why the body was cut off, before the handler is. */
  readonly onCut: (error: ObsvtyError) => void;
}

export interface BoundedRequest {
  readonly request: UniversalServerRequest;
  /** The call has ended: its bytes are let go. */
  readonly release: () => void;
}

/** The same request, whose body fails when it takes too long, or is too much beside all others. */
export function withBoundedBody(request: UniversalServerRequest, bounds: BodyBounds): BoundedRequest {
  const { body } = request;
  if (!isBytes(body)) {
    return { request, release: () => {} };
  }
  const held = { byteLength: 0 };
  return {
    request: { ...request, body: bounded(body, bounds, held) },
    release: () => {
      bounds.inflight.release(held.byteLength);
      held.byteLength = 0;
    },
  };
}

async function* bounded(
  body: AsyncIterable<Uint8Array>,
  { timeoutMs, inflight, onCut }: BodyBounds,
  held: { byteLength: number },
): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  const late = Promise.withResolvers<never>();
  const cut = (error: ObsvtyError) => {
    onCut(error);
    return connectErrorOf(error);
  };
  // Nobody may be waiting when it fires, between two chunks.
  late.promise.catch(() => {});
  const timer = setTimeout(() => {
    const message = `the request did not arrive within ${timeoutMs} ms`;
    late.reject(cut(new ObsvtyError("request-timeout", message)));
  }, timeoutMs);
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), late.promise]);
      if (next.done === true) {
        return;
      }
      held.byteLength += next.value.byteLength;
      const error = inflight.hold(next.value.byteLength, held.byteLength);
      if (error !== undefined) {
        throw cut(error);
      }
      yield next.value;
    }
  } finally {
    clearTimeout(timer);
  }
}

function isBytes(body: UniversalServerRequest["body"]): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}
