import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { ObsvtyError } from "../../../domain/errors.ts";
import { isJson, mediaTypeOf } from "../../../otlp/content-types.ts";
import { hasLeft } from "../listener/request.ts";
import { connectErrorOf } from "../responses/connect-error.ts";
import { recordRefusal } from "../responses/refusal.ts";
import { type Call, callOf } from "./call.ts";

/** Translates what handlers throw into errors of the library, and records it. Unknown errors are internal. */
export const errorInterceptor: Interceptor = (next) => async (request) => {
  const call = callOf(request);
  // The messages of a stream are read one by one, later.
  if (call !== undefined && !request.stream) call.isHandled = true;
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
  abort: AbortSignal,
  call: Call | undefined,
): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (reason) {
    throw translate(reason, abort, call);
  }
}

/** The error in the spelling of the call's request. */
function told(error: ObsvtyError, call: Call | undefined): ObsvtyError {
  return isJson(mediaTypeOf(call?.request.headers["content-type"])) ? error.inJson() : error;
}

function translate(reason: unknown, abort: AbortSignal, call: Call | undefined): ConnectError {
  if (reason instanceof ConnectError) {
    // An error of the library: a deadline, a caller that went away, a bad message of a stream. Or the stop of the
    // server.
    if (call !== undefined && reason.cause instanceof ObsvtyError) call.failure = reason.cause;
    return reason;
  }
  // An HTTP/1.1 caller that hangs up leaves only the DOMException of an abort without a reason; one that hangs
  // up while something is written to it leaves an error of Node.
  const hungUp =
    (abort.aborted && reason === abort.reason) ||
    (!(reason instanceof ObsvtyError) && call !== undefined && hasLeft(call.request));
  if (hungUp) {
    return new ConnectError("the caller went away", Code.Canceled, undefined, undefined, reason);
  }
  const error = told(ObsvtyError.from(reason), call);
  if (call !== undefined) {
    call.failure = error;
    recordRefusal(call.request, error);
  }
  return connectErrorOf(error);
}
