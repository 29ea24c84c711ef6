import type { IncomingMessage } from "node:http";
import { ObsvtyError } from "../../../domain/errors.ts";
import { absoluteForm } from "../caller/caller.ts";

/**
 * The refusal of an HTTP/1.1 request that says in two ways for which host it is, or that has a transfer coding other
 * than chunked (RFC 9112, 3.2 and 6.1). Otherwise a check of the host, such as that of reading without a token, would
 * see only one of the two.
 */
export function malformedTarget({ url = "", httpVersionMajor, headers, rawHeaders }: IncomingMessage) {
  if (httpVersionMajor !== 1) return undefined;
  if (countHosts(rawHeaders) > 1)
    return new ObsvtyError("protocol-error", "there is more than one Host header");
  const authority = url.startsWith("/") ? undefined : absoluteForm.exec(url)?.[1];
  if (authority !== undefined && authority !== headers.host) {
    return new ObsvtyError("protocol-error", "the request's target and its Host header name different hosts");
  }
  const coding = headers["transfer-encoding"];
  if (coding !== undefined && coding.toLowerCase() !== "chunked") {
    return new ObsvtyError("unknown-encoding", "no transfer coding but chunked is supported");
  }
  return undefined;
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === 4 && name.toLowerCase() === "host") count += 1;
  }
  return count;
}
