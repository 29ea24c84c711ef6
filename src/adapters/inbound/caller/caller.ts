import type { IncomingHttpHeaders } from "node:http";
import type { FastifyRequest } from "fastify";
import type { Peer } from "../listener/peer.ts";
import { peerOf } from "../listener/request.ts";

/** The facts about a request that admission, error replies and the log need. One object for each request. */
export interface Caller {
  readonly method: string;
  /** The path of its route; where there is no route, the path and query as the request has them. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly httpVersionMajor: number;
  readonly peer: Peer;
}

/** The path of the route that `@fastify/cors` adds for OPTIONS of every path. */
const wildcard = "*";

/**
 * The scheme and the authority of a target in absolute form, `http://host:port/path?query` (RFC 9112, 3.2.2), which
 * clients send to proxies. The authority may hold a password.
 */
export const absoluteForm = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i;

const callers = new WeakMap<FastifyRequest, Caller>();

/** The caller of a request that Fastify has routed; always the same object for the same request. */
export function callerOf(request: FastifyRequest): Caller {
  let caller = callers.get(request);
  if (caller === undefined) {
    const { method, headers, raw } = request;
    // The router decodes percent-encoding and ignores a trailing slash, so a path has several spellings.
    const { url: route = wildcard } = request.routeOptions ?? {};
    const url = route === wildcard ? request.url.replace(absoluteForm, "") : route;
    caller = { method, url, headers, httpVersionMajor: raw.httpVersionMajor, peer: peerOf(raw) };
    callers.set(request, caller);
  }
  return caller;
}
