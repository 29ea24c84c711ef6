import { timingSafeEqual } from "node:crypto";
import type { FastifyRequest, onRequestHookHandler } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import { accessClassOf } from "../adapters/inbound/access-class.ts";
import { peerOf } from "../adapters/inbound/peer.ts";
import type { Config } from "../config.ts";
import { ObsvtyError } from "../domain/errors.ts";

/**
 * Who may call what: exports need INGEST_TOKEN when it is set; reading needs API_TOKEN when it is set, and
 * else a caller on loopback who calls us by a loopback name. Checks hang on the routes that need one.
 */
export const accessPlugin = fastifyPlugin(
  (app, _options, done) => {
    const { ingestToken, apiToken } = app.getDecorator<Config>("config");
    const checks = {
      open: undefined,
      ingest: ingestToken === undefined ? undefined : requireToken(ingestToken),
      read: apiToken === undefined ? requireLoopback : requireToken(apiToken),
    };
    app.addHook("onRoute", (route) => {
      const check = checks[accessClassOf(route.url)];
      if (check !== undefined) {
        route.onRequest = [...[route.onRequest ?? []].flat(), check];
      }
    });
    done();
  },
  { name: "access", dependencies: ["core"] },
);

const scheme = "bearer ";

function requireToken(token: string): onRequestHookHandler {
  const expected = Buffer.from(token, "latin1");
  return (request, _reply, done) => {
    const presented = bearerToken(request);
    if (presented !== undefined && equal(Buffer.from(presented, "latin1"), expected)) {
      done();
    } else {
      const what = presented === undefined ? "a bearer token is required" : "the bearer token is wrong";
      done(new ObsvtyError("unauthenticated", what));
    }
  };
}

/** RFC 6750: the scheme in any letter case. */
function bearerToken(request: FastifyRequest): string | undefined {
  const { authorization } = request.headers;
  return authorization?.slice(0, scheme.length).toLowerCase() === scheme
    ? authorization.slice(scheme.length).trim()
    : undefined;
}

/** In a time that does not depend on where they differ. */
function equal(presented: Buffer, expected: Buffer): boolean {
  return presented.length === expected.length && timingSafeEqual(presented, expected);
}

const requireLoopback: onRequestHookHandler = (request, _reply, done) => {
  if (peerOf(request.raw).loopback && calledByLoopbackName(request)) {
    done();
  } else {
    const message = "reading is for callers on this machine, by the name of localhost, or with API_TOKEN set";
    done(new ObsvtyError("permission-denied", message));
  }
};

/** A page that rebinds its own name to 127.0.0.1 still sends that name. HTTP/2 may carry it in two places. */
function calledByLoopbackName(request: FastifyRequest): boolean {
  const { host, ":authority": authority } = request.headers as { host?: string; ":authority"?: string };
  const names = [host, authority].filter((name) => name !== undefined);
  return names.length > 0 && names.every(isLoopbackName);
}

function isLoopbackName(host: string): boolean {
  return /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?$/i.test(host);
}
