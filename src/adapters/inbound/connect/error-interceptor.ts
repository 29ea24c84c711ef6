import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { ObsvtyError } from "../../../domain/errors.ts";
import { recordRefusal } from "../refusal.ts";
import { type Call, callOf } from "./call.ts";
import { connectErrorOf } from "./connect-error.ts";

/** Puts what handlers throw into Connect's terms and records it; what is not ours is "internal error". */
export const errorInterceptor: Interceptor = (next) => async (request) => {
  const call = callOf(request);
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
  if (signal.aborted && reason === signal.reason) {
    // An HTTP/1.1 caller that hangs up leaves only the DOMException of an abort without a reason.
    return new ConnectError("the caller went away", Code.Canceled, undefined, undefined, reason);
  }
  const error = ObsvtyError.from(reason);
  if (call !== undefined) {
    recordRefusal(call.request, error);
  }
  return connectErrorOf(error);
}
