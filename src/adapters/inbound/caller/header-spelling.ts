import type { IncomingHttpHeaders } from "node:http";
import { mediaTypeOf } from "../../../otlp/content-types.ts";
import { bodyEncodingOf } from "../body/codecs.ts";

/** The headers of all protocols that name one coding, and those that list the codings that the caller takes. */
const codingHeaders = ["content-encoding", "connect-content-encoding", "grpc-encoding"] as const;
const acceptHeaders = ["accept-encoding", "connect-accept-encoding", "grpc-accept-encoding"] as const;

/**
 * Spells the content type and the codings of a call in the one way that the Connect library knows. Their letter case
 * does not matter, and they may have parameters (RFC 9110, 8.3.1, 8.4.1, 12.5.3). A charset goes too, whichever it is:
 * JSON is UTF-8, and the parameter has no effect on it (RFC 8259, 8.1 and 11). The library would refuse another than
 * UTF-8, which the Collector accepts.
 */
export function unifySpelling(headers: IncomingHttpHeaders): void {
  const type = headers["content-type"];
  if (type !== undefined) headers["content-type"] = mediaTypeOf(type);
  for (const name of codingHeaders) {
    const value = headers[name];
    if (value !== undefined) headers[name] = listedCodings(value).map(knownName).join(",");
  }
  for (const name of acceptHeaders) {
    const value = headers[name];
    // An empty header would mean that all codings are taken.
    if (value !== undefined) headers[name] = acceptedCodings(value).join(",") || "identity";
  }
}

/** What a header lists, in lower case (RFC 9110, 5.6.1: elements may be empty, and stand between spaces). */
export function listedCodings(header: string | readonly string[]): readonly string[] {
  return String(header)
    .split(",")
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== "");
}

/** The codings that a caller takes, in lower case. One with a weight of 0 is refused by the caller. */
export function acceptedCodings(header: string | readonly string[] = ""): readonly string[] {
  return listedCodings(header)
    .filter((item) => !/;\s*q=0(?:\.0*)?$/.test(item))
    .map((item) => knownName(item.replace(/;.*/s, "").trimEnd()))
    .filter((coding) => coding !== "");
}

/** A coding that has several names by the first of them. */
function knownName(coding: string): string {
  return bodyEncodingOf(coding) ?? coding;
}
