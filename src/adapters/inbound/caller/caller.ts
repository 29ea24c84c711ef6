import type { IncomingHttpHeaders } from "node:http";
import type { FastifyRequest } from "fastify";
import { type Peer, peerOf } from "../listener/peer.ts";

/** What a request is judged, answered and recorded by, whichever way it came in. One object a request. */
export interface Caller {
  readonly method: string;
  /** The path of its route, or where there is none as the request has it, with its query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly httpVersionMajor: number;
  readonly peer: Peer;
}

/** The route of no path in particular, which CORS has for OPTIONS. */
const wildcard = "*";

const callers = new WeakMap<FastifyRequest, Caller>();

/** The caller of a request that came in by Fastify; always the same object for the same request. */
export function callerOf(request: FastifyRequest): Caller {
  let caller = callers.get(request);
  if (caller === undefined) {
    const { method, headers, raw } = request;
    // What the router takes for the same may be spelled otherwise: %74 for t.
    const { url: route = wildcard } = request.routeOptions ?? {};
    const url = route === wildcard ? request.url : route;
    caller = { method, url, headers, httpVersionMajor: raw.httpVersionMajor, peer: peerOf(raw) };
    callers.set(request, caller);
  }
  return caller;
}
