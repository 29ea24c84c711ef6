import type { Socket } from "node:net";
import type { Logger } from "pino";
import { WarningLimit } from "../warning-limit.ts";
import { describePeer } from "./peer.ts";

/** Warns of a client that cannot be served as it calls. */
export type WarnOfClient = (
  socket: Socket,
  message: string,
  fields?: Readonly<Record<string, string>>,
) => void;

/** The first warning of a kind for each client is logged as one, and again after a minute; the others for debugging. */
export function createClientWarnings(logger: Logger): WarnOfClient {
  const limit = new WarningLimit();
  return ({ remoteAddress }, message, fields = {}) => {
    const { address, clientKey } = describePeer(remoteAddress);
    const isDue = limit.isDue(`${clientKey} ${message} ${fields.reason ?? ""}`);
    logger[isDue ? "warn" : "debug"]({ remote: address, ...fields }, message);
  };
}
