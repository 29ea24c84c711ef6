import type { IncomingMessage } from "node:http";

/*
 * A request may offer to go on in another protocol (RFC 9110, 7.8). No offer is accepted here, so that the answer is an
 * ordinary one. But Node's parser takes whatever it has been given behind such a request for the other protocol, and
 * drops it, also when nobody listens for upgrades. So it must not be given more than that request at once.
 */

/** Headers are not longer: Node refuses longer ones. */
const maxHeadersBytes = 16_384;

/** Whether the first bytes of a connection have an offer. Clients that make offers make one with each request. */
export function beginsWithUpgradeOffer(head: Buffer): boolean {
  return /\nupgrade:/i.test(head.toString("latin1", 0, maxHeadersBytes));
}

/**
 * Whether the parser has been given bytes behind a request that makes an offer, which it dropped or will drop. They may
 * be requests that get no answer.
 * @param isCut whether it is given the bytes of one request at a time, as `Http1Input` does. A body in chunks is not
 *   cut exactly where it ends
 */
export function dropsWhatFollows({ headers }: IncomingMessage, isCut: boolean): boolean {
  return headers.upgrade !== undefined && (!isCut || headers["transfer-encoding"] !== undefined);
}
