import type { Logger } from "pino";
import { WarningLimit } from "../warning-limit.ts";
import type { Connection } from "./connection.ts";

/** Warns of a client that cannot be served as it calls. */
export type WarnOfClient = (
  connection: Connection,
  message: string,
  fields?: Readonly<Record<string, string>>,
) => void;

/** The first warning of a kind for each client is logged as one, and again after a minute; the others for debugging. */
export function createClientWarnings(logger: Logger): WarnOfClient {
  const limit = new WarningLimit();
  return ({ peer: { address, clientKey } }, message, fields = {}) => {
    const isDue = limit.isDue(`${clientKey} ${message} ${fields.reason ?? ""}`);
    logger[isDue ? "warn" : "debug"]({ remote: address, ...fields }, message);
  };
}
