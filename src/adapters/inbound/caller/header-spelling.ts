import type { IncomingHttpHeaders } from "node:http";
import { mediaTypeOf } from "../../../otlp/content-types.ts";
import { bodyEncodingOf } from "../body/codecs.ts";

/** The headers of all protocols that name one coding, and those that list the codings that the caller takes. */
const codingHeaders = ["content-encoding", "connect-content-encoding", "grpc-encoding"] as const;
const acceptHeaders = ["accept-encoding", "connect-accept-encoding", "grpc-accept-encoding"] as const;

/**
 * Spells the content type and the codings of a call in the one way that the Connect library knows. Their letter case does
 * not matter, and they may have parameters (RFC 9110, 8.3.1, 8.4.1, 12.5.3).
 */
export function unifySpelling(headers: IncomingHttpHeaders): void {
  const type = headers["content-type"];
  if (type !== undefined) headers["content-type"] = mediaTypeOf(type);
  for (const name of codingHeaders) {
    const value = headers[name];
    if (value !== undefined) headers[name] = codingOf(String(value));
  }
  for (const name of acceptHeaders) {
    const value = headers[name];
    // An empty header would mean that all codings are taken.
    if (value !== undefined) headers[name] = acceptedCodings(value).join(",") || "identity";
  }
}

/** The codings that a caller takes, in lower case. One with a weight of 0 is refused by the caller. */
export function acceptedCodings(header: string | readonly string[] = ""): readonly string[] {
  return String(header)
    .split(",")
    .filter((item) => !/;\s*q=0(?:\.0*)?\s*$/i.test(item))
    .map((item) => codingOf(item.replace(/;.*/s, "")))
    .filter((coding) => coding !== "");
}

function codingOf(name: string): string {
  const coding = name.trim().toLowerCase();
  return bodyEncodingOf(coding) ?? coding;
}
