import { AuthenticationError, TimeoutError, UnsupportedApiError, UserError } from "@platformatic/kafka";
import { type Delivery, isFailureCode } from "../../../ports/telemetry-sink.ts";
import { type Fate, failedDelivery } from "../fate.ts";
import { nestedErrors } from "../nested-errors.ts";

export interface KafkaFailure {
  /** See `Delivery`. */
  readonly code: string;
  readonly fate: Fate;
  /** When the cluster said so. */
  readonly retryAfterMs?: number;
}

/**
 * Errors by their names in Kafka's protocol ("Error Codes"). All others are taken for passing ones: a retry in
 * vain is shown in the figures, and messages that are given up in error are lost.
 */
const fates: Readonly<Record<string, Fate>> = {
  MESSAGE_TOO_LARGE: "too-large",
  RECORD_LIST_TOO_LARGE: "too-large",
  INVALID_RECORD: "refused",
  INVALID_TIMESTAMP: "refused",
  INVALID_TOPIC_EXCEPTION: "none",
  INVALID_REQUIRED_ACKS: "none",
  UNSUPPORTED_VERSION: "none",
  UNSUPPORTED_FOR_MESSAGE_FORMAT: "none",
  UNSUPPORTED_COMPRESSION_TYPE: "none",
  TOPIC_AUTHORIZATION_FAILED: "config",
  CLUSTER_AUTHORIZATION_FAILED: "config",
  SASL_AUTHENTICATION_FAILED: "config",
  UNSUPPORTED_SASL_MECHANISM: "config",
  POLICY_VIOLATION: "config",
  "TLS required": "config",
};

/**
 * Errors after which the producer has to begin anew: the broker does not know its id, or missed a batch (KIP-98,
 * KIP-360).
 */
const producerStateLost: ReadonlySet<string> = new Set([
  "OUT_OF_ORDER_SEQUENCE_NUMBER",
  "UNKNOWN_PRODUCER_ID",
  "INVALID_PRODUCER_EPOCH",
  "INVALID_PRODUCER_ID_MAPPING",
]);

export function kafkaFailure(reason: unknown): KafkaFailure {
  const code = failureCode(reason);
  return { code, fate: fates[code] ?? "retry" };
}

export function hasLostProducerState({ code }: KafkaFailure): boolean {
  return producerStateLost.has(code);
}

/** The broker has the batch already. */
export function isDuplicate({ code }: KafkaFailure): boolean {
  return code === "DUPLICATE_SEQUENCE_NUMBER";
}

export function deliveryOf({ code, fate, retryAfterMs }: KafkaFailure): Delivery {
  return failedDelivery(code, fate, retryAfterMs);
}

/** A broker's own name of the error, or else that of Node or OpenSSL, or else what the client says of it. */
function failureCode(reason: unknown): string {
  const errors = [...nestedErrors(reason)];
  const named = errors.map((error) => (error as { apiId?: unknown }).apiId).find(isCode);
  const system = errors.map(({ code }: NodeJS.ErrnoException) => code).findLast(isSystemCode);
  return named ?? system ?? clientCode(errors);
}

function isCode(value: unknown): value is string {
  return typeof value === "string" && isFailureCode(value);
}

/** The client's own codes, which begin so, say little. */
function isSystemCode(value: unknown): value is string {
  return isCode(value) && !value.startsWith("PLT_KFK_");
}

function clientCode(errors: readonly Error[]): string {
  const is = (...kinds: readonly (abstract new (...args: never[]) => Error)[]) =>
    errors.some((error) => kinds.some((kind) => error instanceof kind));
  if (is(AuthenticationError)) return "SASL_AUTHENTICATION_FAILED";
  if (is(UnsupportedApiError)) return "UNSUPPORTED_VERSION";
  if (is(TimeoutError)) return "timeout";
  // The client has this one for an answer that is a TLS record.
  if (is(UserError)) return "TLS required";
  return "connection failed";
}
