import { timingSafeEqual } from "node:crypto";
import { fastifyPlugin } from "fastify-plugin";
import type { Config } from "../../../config/config.ts";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { Caller } from "../caller/caller.ts";
import type { AccessClass } from "./access-class.ts";

/** Undefined when the caller may, else why not. */
export type Authorize = (caller: Caller, access: AccessClass) => ObsvtyError | undefined;

type Check = (caller: Caller) => ObsvtyError | undefined;

/**
 * Who may call what: exports need INGEST_TOKEN when it is set; reading needs API_TOKEN when it is set, and
 * else a caller on loopback who calls us by a loopback name. `app.getDecorator<Authorize>("authorize")`.
 */
export const accessPlugin = fastifyPlugin(
  (app, _options, done) => {
    const { ingestToken, apiToken } = app.getDecorator<Config>("config");
    const checks: Readonly<Record<AccessClass, Check>> = {
      open: allow,
      ingest: ingestToken === undefined ? allow : requireToken(ingestToken),
      read: apiToken === undefined ? requireLoopback : requireToken(apiToken),
    };
    app.decorate("authorize", (caller: Caller, access: AccessClass) => checks[access](caller));
    done();
  },
  { name: "access", dependencies: ["core"] },
);

const allow: Check = () => undefined;

const scheme = "bearer ";

function requireToken(token: string): Check {
  const expected = Buffer.from(token, "latin1");
  return (caller) => {
    const presented = bearerToken(caller);
    if (presented === undefined) {
      return new ObsvtyError("unauthenticated", "a bearer token is required");
    }
    return equal(Buffer.from(presented, "latin1"), expected)
      ? undefined
      : new ObsvtyError("unauthenticated", "the bearer token is wrong");
  };
}

/** RFC 6750: the scheme in any letter case. */
function bearerToken({ headers }: Caller): string | undefined {
  const { authorization } = headers;
  return authorization?.slice(0, scheme.length).toLowerCase() === scheme
    ? authorization.slice(scheme.length).trim()
    : undefined;
}

/** In a time that does not depend on where they differ. */
function equal(presented: Buffer, expected: Buffer): boolean {
  return presented.length === expected.length && timingSafeEqual(presented, expected);
}

const requireLoopback: Check = (caller) => {
  if (caller.peer.loopback && calledByLoopbackName(caller)) {
    return undefined;
  }
  const message = "reading is for callers on this machine, by the name of localhost, or with API_TOKEN set";
  return new ObsvtyError("permission-denied", message);
};

/** A page that rebinds its own name to 127.0.0.1 still sends that name. HTTP/2 may carry it in two places. */
function calledByLoopbackName({ headers }: Caller): boolean {
  const { host, ":authority": authority } = headers as { host?: string; ":authority"?: string };
  const names = [host, authority].filter((name) => name !== undefined);
  return names.length > 0 && names.every(isLoopbackName);
}

function isLoopbackName(host: string): boolean {
  return /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?$/i.test(host);
}
