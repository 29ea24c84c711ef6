import rateLimit from "@fastify/rate-limit";

/** The client of a connection, by its socket alone: forwarding headers are not trusted. */
export interface Peer {
  /** The address as the socket has it; "" when the socket is gone. */
  readonly address: string;
  /**
   * Whom the limits of a client count: one key for all addresses of an IPv6 /64, and for an IPv4 address mapped
   * into IPv6 or not.
   */
  readonly clientKey: string;
  readonly loopback: boolean;
}

/** @param address as the socket has it; undefined when the socket is gone */
export function describePeer(address = ""): Peer {
  return { address, clientKey: rateLimit.normalizeIP(address), loopback: isLoopback(address) };
}

function isLoopback(address: string): boolean {
  const ipv4 = address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
  return address === "::1" || ipv4.startsWith("127.");
}
