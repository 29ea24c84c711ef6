import type { IncomingHttpHeaders } from "node:http";
import type { FastifyRequest } from "fastify";
import { type Peer, peerOf } from "./peer.ts";

/** What a request is judged, answered and recorded by, whichever way it came in. One object a request. */
export interface Caller {
  readonly method: string;
  /** As the request has it, with its query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly httpVersionMajor: number;
  readonly peer: Peer;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** The caller of a request that came in by Fastify; always the same object for the same request. */
export function callerOf(request: FastifyRequest): Caller {
  let caller = callers.get(request);
  if (caller === undefined) {
    const { method, url, headers, raw } = request;
    caller = { method, url, headers, httpVersionMajor: raw.httpVersionMajor, peer: peerOf(raw) };
    callers.set(request, caller);
  }
  return caller;
}
