import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  AuthenticationError,
  MultipleErrors,
  NetworkError,
  ProtocolError,
  ResponseError,
  TimeoutError,
  UnsupportedApiError,
  UserError,
} from "@platformatic/kafka";
import { deliveryOf, kafkaFailure } from "../../../../../src/adapters/outbound/kafka-sink/failure.ts";
import { isFailureCode } from "../../../../../src/ports/telemetry-sink.ts";

const producePath = "/responses/0/partition_responses/0";

/** What each error of Kafka's protocol says of the delivery that it answers ("Error Codes"). */
const protocolTable: readonly [number: number, code: string, kind: string][] = [
  [-1, "UNKNOWN_SERVER_ERROR", "later"],
  [2, "CORRUPT_MESSAGE", "later"],
  [3, "UNKNOWN_TOPIC_OR_PARTITION", "later"],
  [5, "LEADER_NOT_AVAILABLE", "later"],
  [6, "NOT_LEADER_OR_FOLLOWER", "later"],
  [7, "REQUEST_TIMED_OUT", "later"],
  [10, "MESSAGE_TOO_LARGE", "too large"],
  [17, "INVALID_TOPIC_EXCEPTION", "takes none"],
  [18, "RECORD_LIST_TOO_LARGE", "too large"],
  [19, "NOT_ENOUGH_REPLICAS", "later"],
  [20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "later"],
  [21, "INVALID_REQUIRED_ACKS", "takes none"],
  [29, "TOPIC_AUTHORIZATION_FAILED", "later"],
  [31, "CLUSTER_AUTHORIZATION_FAILED", "later"],
  [32, "INVALID_TIMESTAMP", "refused"],
  [33, "UNSUPPORTED_SASL_MECHANISM", "later"],
  [35, "UNSUPPORTED_VERSION", "takes none"],
  [43, "UNSUPPORTED_FOR_MESSAGE_FORMAT", "takes none"],
  [44, "POLICY_VIOLATION", "later"],
  [45, "OUT_OF_ORDER_SEQUENCE_NUMBER", "later"],
  [47, "INVALID_PRODUCER_EPOCH", "later"],
  [56, "KAFKA_STORAGE_ERROR", "later"],
  [58, "SASL_AUTHENTICATION_FAILED", "later"],
  [59, "UNKNOWN_PRODUCER_ID", "later"],
  [74, "FENCED_LEADER_EPOCH", "later"],
  [76, "UNSUPPORTED_COMPRESSION_TYPE", "takes none"],
  [87, "INVALID_RECORD", "refused"],
];

function kindOf(reason: unknown): [code: string, kind: string] {
  const delivery = deliveryOf(kafkaFailure(reason));
  assert.ok(delivery.kind === "later" || delivery.kind === "refused");
  assert.ok(isFailureCode(delivery.code));
  if (delivery.kind === "later") return [delivery.code, "later"];
  const { takesNone, isTooLarge } = delivery;
  return [delivery.code, takesNone ? "takes none" : isTooLarge ? "too large" : "refused"];
}

describe("what a failure of Kafka says of a delivery:", () => {
  for (const [number, code, kind] of protocolTable) {
    test(`${code} of a Kafka broker means ${kind} for a delivery`, () => {
      const answer = new ResponseError(0, 11, { [producePath]: [number, "s3cret words"] }, {});
      assert.deepEqual(kindOf(answer), [code, kind]);
      const nested = new MultipleErrors("tried in vain", [new NetworkError("s3cret", { cause: answer })]);
      assert.deepEqual(kindOf(nested), [code, kind]);
    });
  }

  const system = Object.assign(new Error("connect ECONNREFUSED s3cret:9092"), { code: "ECONNREFUSED" });
  for (const [what, reason, code, kind] of [
    ["a broker that is not there", new NetworkError("s3cret", { cause: system }), "ECONNREFUSED", "later"],
    ["a broker with several addresses", new AggregateError([system]), "ECONNREFUSED", "later"],
    ["a connection that ends", new NetworkError("Connection closed"), "connection failed", "later"],
    ["a request without an answer", new TimeoutError("s3cret"), "timeout", "later"],
    ["a broker that wants TLS", new UserError("Broker requires TLS."), "TLS required", "later"],
    [
      "a broker that does not know the password",
      new AuthenticationError("Invalid server signature."),
      "SASL_AUTHENTICATION_FAILED",
      "later",
    ],
    [
      "a broker that knows no version of a request",
      new UnsupportedApiError("s3cret"),
      "UNSUPPORTED_VERSION",
      "takes none",
    ],
    ["a fault of the client", new TypeError("s3cret"), "connection failed", "later"],
    ["something that is no error", "s3cret", "connection failed", "later"],
    [
      "a name that is no code",
      Object.assign(new Error(), { apiId: "s3cret\n" }),
      "connection failed",
      "later",
    ],
  ] as const) {
    test(`${what} means ${kind} for a delivery to Kafka`, () => {
      assert.deepEqual(kindOf(reason), [code, kind]);
    });
  }

  test("an error that the Kafka client does not know means later for a delivery", () => {
    assert.deepEqual(kindOf(new ProtocolError("SHARE_SESSION_NOT_FOUND")), [
      "SHARE_SESSION_NOT_FOUND",
      "later",
    ]);
  });
});
