import { constants, type Http2Session } from "node:http2";

/**
 * Closes an HTTP/2 connection whose peer makes more work than a client may. The GOAWAY frame says so (RFC 9113, 7); of a
 * session that is destroyed without an error Node tells the peer that there was none.
 * @param reason for the log
 */
export function closeFloodingSession(session: Http2Session, reason: string): void {
  session.destroy(new Error(reason), constants.NGHTTP2_ENHANCE_YOUR_CALM);
}
