import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack, durationFromMs } from "@bufbuild/protobuf/wkt";
import { RetryInfoSchema } from "../../../../../gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../../../../gen/google/rpc/status_pb.ts";
import {
  grpcFailure,
  httpFailure,
  notGrpcFailure,
} from "../../../../../src/adapters/outbound/otlp-sink/failures.ts";
import { retryAfterMs, retryInfoMs } from "../../../../../src/adapters/outbound/otlp-sink/retry-delay.ts";
import {
  grpcSuccess,
  httpSuccess,
  noExportResponse,
  successOf,
} from "../../../../../src/adapters/outbound/otlp-sink/successes.ts";
import { type Delivery, isFailureCode } from "../../../../../src/ports/telemetry-sink.ts";
import { lengthDelimited, varintField } from "../../../../support/wire.ts";

/** What each gRPC status is, without and with a RetryInfo (OTLP 1.11, "Failures"). */
const grpcTable: readonly [status: number, code: string, bare: string, told: string][] = [
  [1, "CANCELLED", "later", "later"],
  [2, "UNKNOWN", "refused", "refused"],
  [3, "INVALID_ARGUMENT", "refused", "refused"],
  [4, "DEADLINE_EXCEEDED", "later", "later"],
  [5, "NOT_FOUND", "refused", "refused"],
  [6, "ALREADY_EXISTS", "refused", "refused"],
  [7, "PERMISSION_DENIED", "later", "later"],
  [8, "RESOURCE_EXHAUSTED", "too large", "later"],
  [9, "FAILED_PRECONDITION", "takes none", "takes none"],
  [10, "ABORTED", "later", "later"],
  [11, "OUT_OF_RANGE", "later", "later"],
  [12, "UNIMPLEMENTED", "takes none", "takes none"],
  [13, "INTERNAL", "refused", "refused"],
  [14, "UNAVAILABLE", "later", "later"],
  [15, "DATA_LOSS", "later", "later"],
  [16, "UNAUTHENTICATED", "later", "later"],
  [99, "gRPC 99", "refused", "refused"],
];

/** OTLP 1.11, "Retryable Response Codes", and whether the status says something of the signal as a whole. */
const httpTable: readonly [status: number, kind: string][] = [
  [301, "later"],
  [302, "later"],
  [400, "refused"],
  [401, "later"],
  [403, "later"],
  [404, "takes none"],
  [405, "takes none"],
  [407, "later"],
  [408, "refused"],
  [413, "too large"],
  [415, "refused"],
  [429, "later"],
  [500, "refused"],
  [501, "refused"],
  [502, "later"],
  [503, "later"],
  [504, "later"],
  [511, "later"],
];

function kindOf(delivery: Delivery): string {
  if (delivery.kind !== "refused") return delivery.kind;
  return delivery.takesNone === true ? "takes none" : delivery.isTooLarge === true ? "too large" : "refused";
}

function codeOf(delivery: Delivery): string {
  assert.ok("code" in delivery);
  assert.ok(isFailureCode(delivery.code), delivery.code);
  return delivery.code;
}

describe("the answer of an upstream", () => {
  for (const [status, code, bare, told] of grpcTable) {
    test(`gRPC ${status} (${code}) of an upstream means ${bare}, with a RetryInfo ${told}`, () => {
      assert.deepEqual(
        [kindOf(grpcFailure(status, undefined)), kindOf(grpcFailure(status, 7))],
        [bare, told],
      );
      assert.equal(codeOf(grpcFailure(status, undefined)), code);
      const later = grpcFailure(status, 7);
      if (later.kind === "later") assert.equal(later.retryAfterMs, 7);
    });
  }

  for (const [status, kind] of httpTable) {
    test(`HTTP ${status} of an upstream means ${kind}`, () => {
      assert.equal(kindOf(httpFailure(status, undefined)), kind);
      assert.equal(codeOf(httpFailure(status, undefined)), `HTTP ${status}`);
    });
  }

  test("an HTTP answer to a gRPC call is read as gRPC says", () => {
    const kinds = [302, 400, 401, 403, 404, 407, 413, 429, 502, 503, 504, 511, 418].map((status) =>
      kindOf(notGrpcFailure(status)),
    );
    assert.deepEqual(kinds, [
      "later",
      "refused",
      "later",
      "later",
      "takes none",
      "later",
      "too large",
      "later",
      "later",
      "later",
      "later",
      "later",
      "refused",
    ]);
  });

  test("OUT_OF_RANGE with the words of Rust's gRPC means that the message is too large", () => {
    const words = "Error, decoded message length too large: found 5000000 bytes, the limit is: 4194304 bytes";
    for (const message of [words, encodeURIComponent(words), words.replace("decoded ", "")]) {
      assert.deepEqual(grpcFailure(11, undefined, message), {
        kind: "refused",
        code: "OUT_OF_RANGE",
        isTooLarge: true,
      });
    }
    assert.equal(kindOf(grpcFailure(11, undefined, "the offset is past the end")), "later");
  });

  test("an upstream's Retry-After counts seconds, or is a date", () => {
    const nowMs = Date.UTC(2026, 10, 23, 10);
    for (const [header, ms] of [
      ["0", 0],
      ["120", 120_000],
      ["Mon, 23 Nov 2026 10:00:30 GMT", 30_000],
      ["Mon, 23 Nov 2026 09:00:00 GMT", 0],
      ["soon", undefined],
      ["-5", undefined],
      ["1.5", undefined],
      ["in 3 minutes", undefined],
      ["", undefined],
      [undefined, undefined],
    ] as const) {
      assert.equal(retryAfterMs(header, nowMs), ms, String(header));
    }
  });

  test("an upstream's RetryInfo is found among other details, padded or not", () => {
    const status = create(StatusSchema, {
      code: 14,
      details: [
        anyPack(StatusSchema, create(StatusSchema)),
        anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: durationFromMs(1_500) })),
      ],
    });
    const base64 = Buffer.from(toBinary(StatusSchema, status)).toString("base64");
    assert.equal(retryInfoMs(base64), 1_500);
    assert.equal(retryInfoMs(base64.replace(/=+$/, "")), 1_500);
    for (const bad of [undefined, "", "%%%", base64.slice(0, 20)]) assert.equal(retryInfoMs(bad), undefined);
  });

  test("an upstream's partial success tells how many items were rejected, however the message looks", () => {
    const partial = (...fields: Uint8Array[]) => lengthDelimited(1, ...fields);
    const words = lengthDelimited(2, Buffer.from("s3cret"));
    for (const [message, rejected] of [
      [new Uint8Array(), 0],
      [partial(), 0],
      [partial(words), 0],
      [partial(varintField(1, 0), words), 0],
      [partial(words, varintField(1, 300)), 300],
      [Buffer.concat([lengthDelimited(7, words), partial(varintField(1, 2))]), 2],
      [Buffer.concat([partial(words), partial(varintField(1, 3))]), 3],
      // -1 in ten bytes.
      [partial(Uint8Array.of(0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1)), 0],
    ] as const) {
      const expected = rejected === 0 ? { kind: "delivered" } : { kind: "partly-delivered", rejected };
      assert.deepEqual(successOf(message), expected, Buffer.from(message).toString("hex"));
    }
  });

  const delivered: Delivery = { kind: "delivered" };
  const partly: Delivery = { kind: "partly-delivered", rejected: 3 };
  const message = lengthDelimited(1, varintField(1, 3), lengthDelimited(2, Buffer.from("s3cret")));
  const protobuf = "application/x-protobuf";
  const html = "<!doctype html><title>Log in</title>";

  for (const [what, type, body, expected] of [
    ["nothing at all", undefined, "", delivered],
    ["nothing, called HTML", "text/html", "", delivered],
    ["a message", protobuf, message, partly],
    ["a message with parameters of its type", "Application/X-Protobuf; charset=utf-8", message, partly],
    ["a message without a type", undefined, message, partly],
    ["a message of bytes of any kind", "application/octet-stream", message, partly],
    ["a message that is called text", "text/plain", message, noExportResponse],
    ["a page", "text/html; charset=utf-8", html, noExportResponse],
    ["a page that is called protobuf", protobuf, html, noExportResponse],
    ["a page without a type", undefined, html, noExportResponse],
    ["a word", undefined, "OK", noExportResponse],
    ["a message that is cut", protobuf, message.subarray(0, -1), noExportResponse],
    ["a message whose part is cut", protobuf, Uint8Array.of(0x0a, 0x7f, 0x08, 0x02), noExportResponse],
    ["a message in JSON", "application/json", "{}", delivered],
    ["a rejection in JSON", "application/json", '{"partialSuccess":{"rejectedSpans":"3"}}', partly],
    [
      "a rejection by the names of protobuf",
      "application/json",
      '{"partial_success":{"error_message":"s3cret","rejected_log_records":3}}',
      partly,
    ],
    ["a warning in JSON", "application/json", '{"partialSuccess":{"errorMessage":"s3cret"}}', delivered],
    ["other JSON", "application/json", '{"error":"log in"}', noExportResponse],
    ["a list in JSON", "application/json", "[]", noExportResponse],
    ["null in JSON", "application/json", "null", noExportResponse],
    ["another value in JSON", "application/json", '{"partialSuccess":7}', noExportResponse],
    ["torn JSON", "application/json", "{", noExportResponse],
    ["a long message", protobuf, "too long", delivered],
    ["a long page", "text/html", "too long", noExportResponse],
  ] as const) {
    test(`a success of HTTP with ${what} means ${expected.kind}`, () => {
      const bytes = body === "too long" ? body : Buffer.from(body as string);
      assert.deepEqual(httpSuccess(type, bytes), expected);
    });
  }

  const grpc = "application/grpc+proto";
  const prefixed = (bytes: Uint8Array, flags = 0) =>
    Buffer.concat([Uint8Array.of(flags, 0, 0, 0, bytes.byteLength), bytes]);
  for (const [what, type, body, encoding, expected] of [
    ["an empty message", grpc, prefixed(Buffer.alloc(0)), undefined, delivered],
    ["a message", grpc, prefixed(message), undefined, partly],
    ["a message in gzip", grpc, prefixed(gzipSync(message), 1), "gzip", partly],
    ["a damaged message in gzip", grpc, prefixed(message, 1), "gzip", noExportResponse],
    ["a message in something else", grpc, prefixed(message, 1), "lzw", noExportResponse],
    ["no message", grpc, Buffer.alloc(0), undefined, noExportResponse],
    ["bytes that are none", grpc, prefixed(Buffer.from(html)), undefined, noExportResponse],
    ["another type", "text/html", prefixed(message), undefined, noExportResponse],
    ["no type", undefined, prefixed(message), undefined, noExportResponse],
    ["a long message", grpc, "too long", undefined, delivered],
  ] as const) {
    test(`OK over gRPC with ${what} means ${expected.kind}`, () => {
      assert.deepEqual(grpcSuccess(type, body, encoding), expected);
    });
  }

  test("success that is not OTLP's has a name that may be shown", () => {
    assert.ok(isFailureCode(codeOf(noExportResponse)));
  });
});
