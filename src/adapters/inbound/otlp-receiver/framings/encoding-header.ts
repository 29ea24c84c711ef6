import type { IncomingHttpHeaders } from "node:http";
import { ObsvtyError } from "../../../../domain/errors.ts";
import { acceptedEncodings, type BodyEncoding, bodyEncodingOf } from "../../body/codecs.ts";
import { listedCodings } from "../../caller/header-spelling.ts";
import type { Framing } from "./framing.ts";

/** A token (RFC 9110, 5.6.2) of the length that names of encodings have. */
const shownCoding = /^[\w.+-]{1,32}$/;

/**
 * The encoding of a compressed message, by the header that the protocol has for it. `identity` is no encoding.
 * @throws ObsvtyError `unknown-encoding`
 */
export function encodingOf(
  headers: IncomingHttpHeaders,
  name: Framing["encodingHeader"],
): BodyEncoding | undefined {
  const header = headers[name];
  if (header === undefined || header === "identity") return undefined;
  // RFC 9110, 8.4: a list, in any letter case, in the order in which the encodings were applied.
  const [coding, second] = listedCodings(header).filter((coding) => coding !== "identity");
  if (coding === undefined) return undefined;
  const encoding = bodyEncodingOf(coding);
  if (encoding !== undefined && second === undefined) return encoding;
  const known = `known are ${acceptedEncodings}`;
  throw new ObsvtyError(
    "unknown-encoding",
    second === undefined
      ? `unknown ${name}${shownCoding.test(coding) ? ` ${coding}` : ""}; ${known}`
      : `more than one ${name}; ${known}, one at a time`,
  );
}
