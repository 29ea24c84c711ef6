import { Code, ConnectError, createContextKey, createContextValues } from "@connectrpc/connect";
import type { UniversalServerRequest } from "@connectrpc/connect/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";

/** The Fastify request and reply behind a Connect call. */
export interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

const callKey = createContextKey<Call | undefined>(undefined, { description: "Fastify request and reply" });
const handled = new WeakSet<FastifyRequest>();
const replies = new WeakMap<FastifyRequest, FastifyReply>();

/** Connect's plugin shows its hooks the request alone, so the reply is noted before. */
export function noteReply(request: FastifyRequest, reply: FastifyReply): void {
  replies.set(request, reply);
}

/** For the plugin's `contextValues`. */
export function callValues(request: FastifyRequest) {
  const reply = replies.get(request);
  return createContextValues().set(callKey, reply === undefined ? undefined : { request, reply });
}

export function callOf({ contextValues }: Pick<UniversalServerRequest, "contextValues">): Call | undefined {
  return contextValues?.get(callKey);
}

/** Thrown when the reply has been sent past Connect, whose Fastify plugin then neither writes nor complains. */
export function answered(): ConnectError {
  return new ConnectError("answered", Code.Aborted);
}

/** Notes that a handler has the whole request. */
export function noteHandled({ request }: Call): void {
  handled.add(request);
}

export function wasHandled(request: FastifyRequest): boolean {
  return handled.has(request);
}
