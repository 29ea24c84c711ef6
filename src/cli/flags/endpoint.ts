import type { Server } from "../api/server.ts";
import { type TlsFlags, tlsOf } from "./tls-flags.ts";
import { UsageError } from "./usage-error.ts";

export const defaultEndpoint = "http://localhost:4317";

/**
 * The server that `--endpoint` and the environment name.
 * @param tlsFlags `--ca`, `--cert` and `--key`
 * @param env OBSVTY_ENDPOINT counts when no endpoint is given; API_TOKEN is sent as a bearer token. There is no
 *   flag for the token, because every user of a machine can read the flags of its processes.
 */
export function serverOf(endpoint: string | undefined, tlsFlags: TlsFlags, env: NodeJS.ProcessEnv): Server {
  const fromEnv = env.OBSVTY_ENDPOINT?.trim();
  const given = endpoint ?? (fromEnv || defaultEndpoint);
  const origin = endpoint === undefined && fromEnv ? "OBSVTY_ENDPOINT" : "--endpoint";
  const url = endpointUrl(given, origin);
  const token = env.API_TOKEN?.trim();
  if (token && !/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError("API_TOKEN: must be visible ASCII characters without spaces");
  }
  return {
    url,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    tls: tlsOf(tlsFlags, env),
  };
}

/**
 * The normalized URL.
 * @param flag the flag or the variable that gives it
 * @throws UsageError when the text is no URL that can be called
 */
export function endpointUrl(given: string, flag: string): string {
  if (/^https?:\/\//i.test(given) && URL.canParse(given)) {
    const { origin, pathname, username, password, search, hash } = new URL(given);
    if (username + password + search + hash === "") return `${origin}${pathname}`.replace(/\/+$/, "");
  }
  // The message does not repeat the value: it may hold a password.
  throw new UsageError(`${flag}: must be a URL like ${defaultEndpoint}, without a user, query or fragment`);
}
