import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { ObsvtyError } from "../../../domain/errors.ts";
import { hasLeft } from "../listener/peer.ts";
import { connectErrorOf } from "../responses/connect-error.ts";
import { recordRefusal } from "../responses/refusal.ts";
import { type Call, callOf, noteHandled } from "./call.ts";

/** Puts what handlers throw into Connect's terms and records it; what is not ours is "internal error". */
export const errorInterceptor: Interceptor = (next) => async (request) => {
  const call = callOf(request);
  // A stream's messages are read one by one, later.
  if (call !== undefined && !request.stream) noteHandled(call);
  try {
    const response = await next(request);
    return response.stream
      ? { ...response, message: translated(response.message, request.signal, call) }
      : response;
  } catch (reason) {
    throw translate(reason, request.signal, call);
  }
};

async function* translated<T>(
  messages: AsyncIterable<T>,
  signal: AbortSignal,
  call: Call | undefined,
): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (reason) {
    throw translate(reason, signal, call);
  }
}

function translate(reason: unknown, signal: AbortSignal, call: Call | undefined): ConnectError {
  if (reason instanceof ConnectError) {
    // Connect's own: a deadline, a caller that went away, a stream's bad message.
    return reason;
  }
  // An HTTP/1.1 caller that hangs up leaves only the DOMException of an abort without a reason; one that does
  // so while something is written to it leaves whatever Node says of that.
  const hungUp =
    (signal.aborted && reason === signal.reason) ||
    (!(reason instanceof ObsvtyError) && call !== undefined && hasLeft(call.request));
  if (hungUp) {
    return new ConnectError("the caller went away", Code.Canceled, undefined, undefined, reason);
  }
  const error = ObsvtyError.from(reason);
  if (call !== undefined) {
    recordRefusal(call.request, error);
  }
  return connectErrorOf(error);
}
