import type { FastifyBaseLogger } from "fastify";
import type { IngestOutcome } from "../../../domain/outcome.ts";
import type { Signal } from "../../../domain/signal.ts";
import type { Caller } from "../caller/caller.ts";
import { callerProtocolOf } from "../caller/caller-protocol.ts";
import { WarningLimit } from "../warning-limit.ts";

type PartlyAccepted = Extract<IngestOutcome, { kind: "partly-accepted" }>;

export type LogPartialSuccess = (caller: Caller, signal: Signal, outcome: PartlyAccepted) => void;

/**
 * Logs what senders are told of requests that were kept in part or with a warning, because many exporters do not
 * show it. A client that sends the same again gets a line a minute.
 */
export function createPartialSuccessLog(log: FastifyBaseLogger): LogPartialSuccess {
  const limit = new WarningLimit();
  return (caller, signal, { rejected, message }) => {
    const { address, clientKey } = caller.peer;
    // Positions and counts differ each time.
    const kind = `${clientKey} ${signal} ${message.replace(/\d+/g, "#")}`;
    if (!limit.isDue(kind)) return;
    const fields = { signal, protocol: callerProtocolOf(caller), remote: address, rejected, reason: message };
    log.warn(fields, rejected > 0 ? "items rejected" : "accepted with a warning");
  };
}
