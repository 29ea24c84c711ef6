import type { FastifyBaseLogger, FastifyRequest } from "fastify";
import type { ErrorCode, ObsvtyError } from "../../../domain/errors.ts";
import type { IngestCounters } from "../../../use-cases/ingest/ingest-counters.ts";
import { type Caller, callerOf } from "../caller/caller.ts";
import { callerProtocolOf, exportedSignal, pathOf, transportOf } from "../caller/caller-protocol.ts";

/** What is known of a refusal: our own error, or what Connect said when it refused by itself. */
export type Refusal = Pick<ObsvtyError, "code" | "message" | "cause"> | { readonly code: ErrorCode };

/** What a reader may well be told: nothing matched in time, nothing is held. Lost telemetry is another matter. */
const ordinary: ReadonlySet<ErrorCode> = new Set(["deadline-passed", "not-found"]);

/** Counts and logs a refused request, once however often it is called for the same caller. */
export type RecordRefusal = (caller: Caller, refusal: Refusal) => void;

/**
 * The one place where refused requests are counted and logged: exports in the counters, all in one line
 * without content. Faults of ours are errors, with their cause.
 */
export function createRefusalRecorder(counters: IngestCounters, log: FastifyBaseLogger): RecordRefusal {
  const recorded = new WeakSet<Caller>();
  return (caller, refusal) => {
    if (recorded.has(caller)) {
      return;
    }
    recorded.add(caller);
    const path = pathOf(caller);
    const signal = exportedSignal(path);
    const protocol = callerProtocolOf(caller);
    if (signal !== undefined) {
      counters.refused(signal, transportOf(protocol), refusal.code);
    }
    const fields = {
      code: refusal.code,
      protocol,
      method: caller.method,
      path,
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
