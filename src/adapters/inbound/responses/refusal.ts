import type { FastifyBaseLogger, FastifyRequest } from "fastify";
import type { ErrorCode, ObsvtyError } from "../../../domain/errors.ts";
import { exportedSignal } from "../../../domain/signal.ts";
import type { IngestCounters } from "../../../use-cases/ingest/ingest-counters.ts";
import { type Caller, callerOf } from "../caller/caller.ts";
import { callerProtocolOf, pathOf, sentPathOf, transportOf } from "../caller/caller-protocol.ts";

/** A refusal to record: an ObsvtyError, or the code alone when the Connect library refused the call. */
export type Refusal = Pick<ObsvtyError, "code" | "message" | "cause"> | { readonly code: ErrorCode };

/** Errors that are an ordinary answer to a reader: nothing matched in time, the item is not held. */
const ordinary: ReadonlySet<ErrorCode> = new Set(["deadline-passed", "not-found"]);

/** Counts and logs a refused request. Further calls for the same caller do nothing. */
export type RecordRefusal = (caller: Caller, refusal: Refusal) => void;

/**
 * The one place that counts refused exports, and logs each refused request in one line without content.
 * Internal errors are logged as errors, with their cause.
 */
export function createRefusalRecorder(counters: IngestCounters, log: FastifyBaseLogger): RecordRefusal {
  const recorded = new WeakSet<Caller>();
  return (caller, refusal) => {
    if (recorded.has(caller)) {
      return;
    }
    recorded.add(caller);
    // Only POST exports anything: browsers and probes ask with others.
    const signal = caller.method === "POST" ? exportedSignal(pathOf(caller)) : undefined;
    const protocol = callerProtocolOf(caller);
    if (signal !== undefined) {
      counters.refused(signal, transportOf(protocol), refusal.code);
    }
    const fields = {
      code: refusal.code,
      protocol,
      method: caller.method,
      // The path is logged as it was sent: a slash too much may be why it was refused.
      path: sentPathOf(caller),
      remote: caller.peer.address,
    };
    const reason = "message" in refusal ? refusal.message : undefined;
    if (refusal.code === "internal") {
      log.error({ ...fields, err: "cause" in refusal ? refusal.cause : undefined }, "failed");
    } else if (signal === undefined && ordinary.has(refusal.code)) {
      log.debug({ ...fields, reason }, "answered with an error");
    } else {
      log.warn({ ...fields, reason }, "refused");
    }
  };
}

/** Records the refusal of a request that came in by Fastify. */
export function recordRefusal(request: FastifyRequest, refusal: Refusal): void {
  request.server.getDecorator<RecordRefusal>("recordRefusal")(callerOf(request), refusal);
}
