import { UsageError } from "./usage-error.ts";

/** Which server is asked, and what is sent with every call. */
export interface Server {
  /** Without a slash at the end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export const defaultEndpoint = "http://localhost:4317";

/**
 * @param env OBSVTY_ENDPOINT counts when no endpoint is given; API_TOKEN is sent as a bearer token. It is no
 *   flag, since everybody on a machine can read those.
 */
export function serverOf(endpoint: string | undefined, env: NodeJS.ProcessEnv): Server {
  const fromEnv = env.OBSVTY_ENDPOINT?.trim();
  const given = endpoint ?? (fromEnv || defaultEndpoint);
  const origin = endpoint === undefined && fromEnv ? "OBSVTY_ENDPOINT" : "--endpoint";
  const url = endpointUrl(given);
  if (url === undefined) {
    // Not repeated: it may hold a password.
    throw new UsageError(
      `${origin}: must be a URL like ${defaultEndpoint}, without a user, query or fragment`,
    );
  }
  const token = env.API_TOKEN?.trim();
  if (token && !/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError("API_TOKEN: must be visible ASCII characters without spaces");
  }
  return {
    url,
    headers: token ? { authorization: `Bearer ${token}` } : {},
  };
}

/** Normalized; undefined when it is none that can be called. */
function endpointUrl(given: string): string | undefined {
  if (!/^https?:\/\//i.test(given) || !URL.canParse(given)) {
    return undefined;
  }
  const { origin, pathname, username, password, search, hash } = new URL(given);
  return username + password + search + hash === "" ? `${origin}${pathname}`.replace(/\/+$/, "") : undefined;
}
