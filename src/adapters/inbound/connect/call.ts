import {
  Code,
  ConnectError,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import type { UniversalServerRequest } from "@connectrpc/connect/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ObsvtyError } from "../../../domain/errors.ts";
import { callerOf } from "../caller/caller.ts";
import type { LargeMessage } from "./large-message.ts";

/** The Fastify request and reply behind a Connect call. */
export interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Whether a handler has the whole request: an error before is the caller's, an error after is the server's. */
  isHandled: boolean;
  /** The error that ended the call, unless the library refused it by itself. */
  failure: ObsvtyError | undefined;
  /** The answer of a call with one answer, when it is large: see `withLargeMessage`. */
  largeMessage: LargeMessage | undefined;
}

const callKey = createContextKey<Call | undefined>(undefined, { description: "Fastify request and reply" });
const replies = new WeakMap<FastifyRequest, FastifyReply>();

/** Remembers the reply to a request, since Connect's plugin passes only the request to `callValues`. */
export function noteReply(request: FastifyRequest, reply: FastifyReply): void {
  replies.set(request, reply);
}

/** Makes the plugin's `contextValues`. */
export function callValues(request: FastifyRequest) {
  const reply = replies.get(request);
  const call = reply && { request, reply, isHandled: false, failure: undefined, largeMessage: undefined };
  return createContextValues().set(callKey, call);
}

export function callOf({ contextValues }: Pick<UniversalServerRequest, "contextValues">): Call | undefined {
  return contextValues?.get(callKey);
}

/** The key of the client whose limits a handler's call counts in. Undefined when no server is around the handler. */
export function clientKeyOf({ values }: Pick<HandlerContext, "values">): string | undefined {
  const call = callOf({ contextValues: values });
  return call && callerOf(call.request).peer.clientKey;
}

/**
 * The error to throw when the reply has been sent past Connect, whose Fastify plugin then neither writes nor
 * complains.
 */
export function answered(): ConnectError {
  return new ConnectError("answered", Code.Aborted);
}
