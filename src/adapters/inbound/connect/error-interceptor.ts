import { ConnectError, type Interceptor } from "@connectrpc/connect";
import { ObsvtyError } from "../../../domain/errors.ts";
import { recordRefusal } from "../refusal.ts";
import { type Call, callOf } from "./call.ts";
import { connectErrorOf } from "./connect-error.ts";

/** Puts what handlers throw into Connect's terms and records it; what is not ours is "internal error". */
export const errorInterceptor: Interceptor = (next) => async (request) => {
  const call = callOf(request);
  try {
    const response = await next(request);
    return response.stream ? { ...response, message: translated(response.message, call) } : response;
  } catch (reason) {
    throw translate(reason, call);
  }
};

async function* translated<T>(messages: AsyncIterable<T>, call: Call | undefined): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (reason) {
    throw translate(reason, call);
  }
}

function translate(reason: unknown, call: Call | undefined): ConnectError {
  if (reason instanceof ConnectError) {
    // Connect's own: a deadline, a caller that went away, a stream's bad message.
    return reason;
  }
  const error = ObsvtyError.from(reason);
  if (call !== undefined) {
    recordRefusal(call.request, error);
  }
  return connectErrorOf(error);
}
