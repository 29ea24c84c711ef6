import type { FastifyRequest } from "fastify";
import type { ObsvtyError } from "../../domain/errors.ts";
import type { Core } from "../../use-cases/core.ts";
import { callerProtocolOf, exportedSignal, pathOf } from "./caller-protocol.ts";
import { peerOf } from "./peer.ts";

const recorded = new WeakSet<FastifyRequest>();

/** What is known of a refusal: our own error, or what Connect said when it refused by itself. */
export type Refusal = Pick<ObsvtyError, "code" | "message" | "cause"> | { readonly code: string };

/**
 * The one place where a refused request is counted and logged, once however often it is called:
 * exports in the counters, all in one line without content. Faults of ours are errors, with their cause.
 */
export function recordRefusal(request: FastifyRequest, refusal: Refusal): void {
  if (recorded.has(request)) {
    return;
  }
  recorded.add(request);
  const path = pathOf(request);
  const signal = exportedSignal(path);
  if (signal !== undefined) {
    request.server.getDecorator<Core>("core").counters.refused(signal);
  }
  const fields = {
    code: refusal.code,
    protocol: callerProtocolOf(request),
    method: request.method,
    path,
    remote: peerOf(request.raw).address,
  };
  if (refusal.code === "internal") {
    request.log.error({ ...fields, err: "cause" in refusal ? refusal.cause : undefined }, "failed");
  } else {
    request.log.warn({ ...fields, reason: "message" in refusal ? refusal.message : undefined }, "refused");
  }
}
