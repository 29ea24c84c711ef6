/*
 * What is wrong with the server as a whole, and not with what was asked: the page says so above every view, keeps what it
 * shows, and tries again.
 */

export interface ServerTrouble {
  /** For a person: what is wrong, and what happens next. */
  readonly text: string;
  /** When the page tries again. */
  readonly againMs: number;
}

const usualMs = 1_000;
const mostMs = 60_000;

/** There was no answer, or not all of it. */
export const noAnswer: ServerTrouble = {
  text: "The server does not answer. The page tries again each second.",
  againMs: usualMs,
};

/** Something answered that is no obsvty server: a page to log in of a proxy, say. */
export function strangeAnswer(status: number): ServerTrouble {
  return {
    text: `What answers (HTTP ${status}) is not obsvty, or something between changes it. The page tries again each second.`,
    againMs: usualMs,
  };
}

/** The server is of another version than the page, or something between changes what it answers. */
export function oddAnswer(field: string): ServerTrouble {
  return {
    text: `The server's answer is not what this page understands (${field}): reload the page.`,
    againMs: 5 * usualMs,
  };
}

/** After so long a person is told that there is no answer yet. */
export const slowMs = 5_000;

export const slowAnswer: ServerTrouble = {
  text: "The server has not answered for 5 seconds. The page waits for it.",
  againMs: usualMs,
};

/**
 * The trouble that a refusal tells of; undefined for one of what was asked.
 * @param code Connect's
 * @param message the server's words; "" when it has none
 * @param status of the response
 * @param retryAfter the header: seconds, or a date (RFC 9110, 10.2.3)
 */
export function troubleOf(
  code: string,
  message: string,
  status: number,
  retryAfter: string | null,
  nowMs = Date.now(),
): ServerTrouble | undefined {
  const againMs = waitOf(retryAfter, nowMs);
  const again = againMs === usualMs ? "each second" : `in ${Math.ceil(againMs / 1_000)} seconds`;
  if (code === "permission_denied") {
    return { text: `The server does not let this page read: ${message}.`, againMs };
  }
  // What was asked is too long, and would be again.
  if (/^a request to this service has at most/.test(message)) return undefined;
  if (code === "resource_exhausted") {
    return {
      text: `The server takes no more calls for now: ${message}. The page tries again ${again}.`,
      againMs,
    };
  }
  // A server that fails at one call answers others.
  if (status < 500 || /^(?:unimplemented|deadline_exceeded|internal)$/.test(code)) return undefined;
  const words = message === "" ? `HTTP ${status}` : message;
  return { text: `The server cannot answer now: ${words}. The page tries again ${again}.`, againMs };
}

/** How long to wait before a call is made again, as `Retry-After` has it: within bounds, and a second where it has none. */
export function waitOf(retryAfter: string | null, nowMs = Date.now()): number {
  if (retryAfter === null) return usualMs;
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - nowMs;
  return Number.isNaN(seconds) ? usualMs : Math.max(usualMs, Math.min(mostMs, seconds));
}
