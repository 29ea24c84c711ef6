import type { UniversalServerRequest } from "@connectrpc/connect/protocol";
import { ObsvtyError } from "../../../domain/errors.ts";
import { connectErrorOf } from "./connect-error.ts";

/** The same request, whose body fails when it has not come to its end within the time. */
export function withReadDeadline(request: UniversalServerRequest, timeoutMs: number): UniversalServerRequest {
  const { body } = request;
  return isBytes(body) ? { ...request, body: limited(body, timeoutMs) } : request;
}

async function* limited(body: AsyncIterable<Uint8Array>, timeoutMs: number): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  const late = Promise.withResolvers<never>();
  // Nobody may be waiting when it fires, between two chunks.
  late.promise.catch(() => {});
  const timer = setTimeout(() => {
    const message = `the request did not arrive within ${timeoutMs} ms`;
    late.reject(connectErrorOf(new ObsvtyError("request-timeout", message)));
  }, timeoutMs);
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), late.promise]);
      if (next.done === true) {
        return;
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
