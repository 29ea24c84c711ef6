import { timingSafeEqual } from "node:crypto";
import { isIPv4 } from "node:net";
import { fastifyPlugin } from "fastify-plugin";
import type { Config } from "../../../config/config.ts";
import type { SettingKey } from "../../../config/settings.ts";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { Caller } from "../caller/caller.ts";
import type { AccessClass } from "./access-class.ts";

/** Returns undefined when the caller is allowed, otherwise the refusal. */
export type Authorize = (caller: Caller, access: AccessClass) => ObsvtyError | undefined;

type Check = (caller: Caller) => ObsvtyError | undefined;

/**
 * Exports need INGEST_TOKEN when it is set. Reading needs API_TOKEN when it is set; otherwise it is allowed to
 * callers on this machine that call a loopback name. `app.getDecorator<Authorize>("authorize")`.
 */
export const accessPlugin = fastifyPlugin(
  (app, _options, done) => {
    const { ingestToken, apiToken } = app.getDecorator<Config>("config");
    const checks: Readonly<Record<AccessClass, Check>> = {
      open: allow,
      ingest: ingestToken === undefined ? allow : requireToken("INGEST_TOKEN", ingestToken),
      read: apiToken === undefined ? requireLoopback : requireToken("API_TOKEN", apiToken),
    };
    app.decorate("authorize", (caller: Caller, access: AccessClass) => checks[access](caller));
    done();
  },
  { name: "access", dependencies: ["core"] },
);

const allow: Check = () => undefined;

const scheme = "bearer ";

function requireToken(setting: SettingKey, token: string): Check {
  const expected = Buffer.from(token, "latin1");
  return (caller) => {
    const presented = bearerToken(caller);
    if (presented === undefined) {
      return new ObsvtyError("unauthenticated", `a bearer token is required: the server's ${setting}`);
    }
    return equal(Buffer.from(presented, "latin1"), expected)
      ? undefined
      : new ObsvtyError("unauthenticated", `the bearer token is not the server's ${setting}`);
  };
}

/** RFC 6750: the scheme in any letter case. */
function bearerToken({ headers }: Caller): string | undefined {
  const { authorization } = headers;
  return authorization?.slice(0, scheme.length).toLowerCase() === scheme
    ? authorization.slice(scheme.length).trim()
    : undefined;
}

/** Takes the same time wherever the two differ. */
function equal(presented: Buffer, expected: Buffer): boolean {
  return presented.length === expected.length && timingSafeEqual(presented, expected);
}

const requireLoopback: Check = (caller) => {
  if (caller.peer.loopback && calledByLoopbackName(caller)) {
    return undefined;
  }
  const message =
    "reading is allowed from this machine through localhost; to read from elsewhere, start the server with " +
    "API_TOKEN and send it as a bearer token";
  return new ObsvtyError("permission-denied", message);
};

/**
 * Stops DNS rebinding: a page that rebinds its own name to 127.0.0.1 still sends that name. HTTP/2 may carry
 * the name in two places, and both must be loopback names.
 */
function calledByLoopbackName({ headers }: Caller): boolean {
  const { host, ":authority": authority } = headers as { host?: string; ":authority"?: string };
  const names = [host, authority].filter((name) => name !== undefined);
  return names.length > 0 && names.every(isLoopbackName);
}

function isLoopbackName(host: string): boolean {
  const name = host.replace(/:\d{1,5}$/, "").toLowerCase();
  return name === "localhost" || name === "[::1]" || (isIPv4(name) && name.startsWith("127."));
}
