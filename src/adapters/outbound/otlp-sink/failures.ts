import type { Delivery } from "../../../ports/telemetry-sink.ts";
import { type Fate, failedDelivery } from "../fate.ts";
import type { AnswerBody } from "./answer-body.ts";

interface GrpcStatus {
  /** The name as google.rpc.Code spells it. */
  readonly name: string;
  readonly fate: Fate;
}

/**
 * The statuses of gRPC, by number. OTLP 1.11, "Failures" of OTLP/gRPC, says which are retried. Two depart from it:
 * - UNAUTHENTICATED and PERMISSION_DENIED are tried again, because a token can be renewed.
 * - RESOURCE_EXHAUSTED without RetryInfo is final there. gRPC's libraries answer so to a message over their limit, so
 *   that parts of the request may be taken.
 */
const grpcStatuses: readonly GrpcStatus[] = [
  { name: "OK", fate: "refused" },
  { name: "CANCELLED", fate: "retry" },
  { name: "UNKNOWN", fate: "refused" },
  { name: "INVALID_ARGUMENT", fate: "refused" },
  { name: "DEADLINE_EXCEEDED", fate: "retry" },
  { name: "NOT_FOUND", fate: "refused" },
  { name: "ALREADY_EXISTS", fate: "refused" },
  { name: "PERMISSION_DENIED", fate: "config" },
  { name: "RESOURCE_EXHAUSTED", fate: "retry-or-split" },
  { name: "FAILED_PRECONDITION", fate: "none" },
  { name: "ABORTED", fate: "retry" },
  { name: "OUT_OF_RANGE", fate: "retry" },
  { name: "UNIMPLEMENTED", fate: "none" },
  { name: "INTERNAL", fate: "refused" },
  { name: "UNAVAILABLE", fate: "retry" },
  { name: "DATA_LOSS", fate: "retry" },
  { name: "UNAUTHENTICATED", fate: "config" },
];

/**
 * OTLP 1.11, "Retryable Response Codes" of OTLP/HTTP. Something between the sink and its endpoint answers with 407 and
 * 511, as with a redirect: it wants to be told who is there first.
 */
const httpFates: Readonly<Record<number, Fate>> = {
  401: "config",
  403: "config",
  404: "none",
  405: "none",
  407: "config",
  413: "too-large",
  429: "retry",
  502: "retry",
  503: "retry",
  504: "retry",
  511: "config",
};

function httpFateOf(status: number): Fate {
  return httpFates[status] ?? (status >= 300 && status <= 399 ? "config" : "refused");
}

/** gRPC's http-grpc-status-mapping.md, for answers of something that is no gRPC server. */
const grpcStatusOfHttp: Readonly<Record<number, number>> = {
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  502: 14,
  503: 14,
  504: 14,
};
const unknownStatus = 2;

/**
 * Servers of obsvty that hand on in a circle say this with FAILED_PRECONDITION, whoever of them has found it. It is the
 * code of the failure, too, which an exporter is told that waits for the delivery.
 */
const loopCode = "forwarding loop";
/** Spaces may be encoded. */
const loopPattern = /forwarding(?: |%20)loop/;
const failedPrecondition = 9;

const outOfRange = 11;
/** What tonic, the gRPC of Rust, says of a message over its limit, with OUT_OF_RANGE. Spaces may be encoded. */
const tonicTooLarge = /message(?: |%20)length(?: |%20)too(?: |%20)large/;

/**
 * What a gRPC status other than OK says of a delivery.
 * @param message `grpc-message`, which is looked at and not shown
 */
export function grpcFailure(status: number, retryAfterMs: number | undefined, message = ""): Delivery {
  if (status === outOfRange && tonicTooLarge.test(message))
    return failedDelivery("OUT_OF_RANGE", "too-large");
  if (status === failedPrecondition && loopPattern.test(message)) return failedDelivery(loopCode, "none");
  const { name, fate } = grpcStatuses[status] ?? { name: `gRPC ${status}`, fate: "refused" };
  return failedDelivery(name, fate, retryAfterMs);
}

/** What the HTTP status of an answer without a gRPC status says. */
export function notGrpcFailure(httpStatus: number): Delivery {
  const ofHttp = httpFateOf(httpStatus);
  // A proxy in front of the server answers so, and gRPC has no row for it.
  if (ofHttp === "too-large" || ofHttp === "config") return httpFailure(httpStatus, undefined);
  const { fate } = grpcStatuses[grpcStatusOfHttp[httpStatus] ?? unknownStatus] ?? { fate: "refused" };
  return failedDelivery(`HTTP ${httpStatus}`, fate);
}

/**
 * What an HTTP status other than 2xx says of a delivery by OTLP/HTTP.
 * @param body a google.rpc.Status, perhaps, which is looked at and not shown
 */
export function httpFailure(
  status: number,
  retryAfterMs: number | undefined,
  body: AnswerBody = "too long",
): Delivery {
  const text = body === "too long" ? "" : Buffer.from(body).toString("latin1");
  if (status === 400 && loopPattern.test(text)) return failedDelivery(loopCode, "none");
  return failedDelivery(`HTTP ${status}`, httpFateOf(status), retryAfterMs);
}
