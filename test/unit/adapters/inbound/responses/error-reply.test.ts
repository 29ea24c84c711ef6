import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { StatusSchema } from "../../../../../gen/google/rpc/status_pb.ts";
import { acceptedEncodings } from "../../../../../src/adapters/inbound/body/codecs.ts";
import { errorResponse } from "../../../../../src/adapters/inbound/responses/error-reply.ts";
import { ObsvtyError } from "../../../../../src/domain/errors.ts";

function request(url: string, type?: string, httpVersionMajor = 2) {
  return { url, headers: { "content-type": type }, httpVersionMajor };
}

const overloaded = new ObsvtyError("overloaded", "too much at once", { retryAfterMs: 1_200 });
const service = "/a.v1.Service/Method";

describe("errorResponse", () => {
  const rows = [
    ["application/grpc", service, 200, "application/grpc"],
    ["application/grpc+proto", service, 200, "application/grpc"],
    ["application/grpc-web+proto", service, 200, "application/grpc-web+proto"],
    ["application/grpc-web-text", service, 200, "application/grpc-web-text"],
    ["application/json", service, 503, "application/json"],
    ["application/proto", service, 503, "application/json"],
    ["application/connect+proto", service, 200, "application/connect+proto"],
    ["application/x-protobuf; charset=x", "/v1/traces", 503, "application/x-protobuf"],
    ["APPLICATION/X-PROTOBUF", "/v1/logs/", 503, "application/x-protobuf"],
    ["application/json", "/v1development/profiles?a=b", 503, "application/json"],
    [undefined, "/v1/metrics", 503, "application/json"],
    ["text/html", "/somewhere", 503, "application/json"],
    [undefined, "/api/traces", 503, "application/json"],
    [undefined, "/api/v3/traces", 503, "application/json"],
  ] as const;
  for (const [type, url, status, answeredIn] of rows) {
    it(`an error for a caller of ${type} to ${url} is ${status} in ${answeredIn}`, () => {
      const response = errorResponse(request(url, type), overloaded);
      assert.equal(response.status, status);
      assert.equal(response.headers["content-type"], answeredIn);
    });
  }

  it("an error is a whole gRPC status in header fields, percent-encoded as gRPC asks", () => {
    const error = new ObsvtyError("unknown-encoding", "50% naïve\n");
    const { headers, body } = errorResponse(request(service, "application/grpc"), error);
    assert.deepEqual(headers, {
      "content-type": "application/grpc",
      "grpc-status": "12",
      "grpc-message": "50%25 na%C3%AFve%0A",
      "grpc-accept-encoding": acceptedEncodings,
    });
    assert.equal(body.byteLength, 0);
  });

  it("an error for Jaeger's UI is in the frame of its answers", () => {
    const { headers, body } = errorResponse(request("/api/traces/1"), overloaded);
    assert.equal(headers["retry-after"], "2");
    const errors = [{ code: 503, msg: "too much at once" }];
    assert.deepEqual(JSON.parse(Buffer.from(body).toString()), {
      data: null,
      total: 0,
      limit: 0,
      offset: 0,
      errors,
    });
  });

  it("an error of Jaeger's api_v3 has the codes of gRPC and of HTTP", () => {
    const { headers, body } = errorResponse(request("/api/v3/traces/1"), overloaded);
    assert.equal(headers["retry-after"], "2");
    assert.deepEqual(JSON.parse(Buffer.from(body).toString()), {
      error: { grpcCode: 14, httpCode: 503, message: "too much at once", httpStatus: "Service Unavailable" },
    });
  });

  it("JSON that is posted to a wrong path below /api is answered as an export", () => {
    const { body } = errorResponse(request("/api/v2/otlp", "application/json"), overloaded);
    assert.equal(JSON.parse(Buffer.from(body).toString()).code, 14);
  });

  it("Retry-After is rounded up to seconds, and OTLP/HTTP's RetryInfo has the exact delay", () => {
    const { headers, body } = errorResponse(request("/v1/traces", "application/x-protobuf"), overloaded);
    assert.equal(headers["retry-after"], "2");
    const status = fromBinary(StatusSchema, body);
    assert.deepEqual([status.code, status.message, status.details.length], [14, "too much at once", 1]);
  });

  it("OTLP/HTTP's JSON shows RetryInfo", () => {
    const { body } = errorResponse(request("/v1/traces", "application/json"), overloaded);
    assert.deepEqual(JSON.parse(Buffer.from(body).toString()), {
      code: 14,
      message: "too much at once",
      details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "1.200s" }],
    });
  });

  it("an error ends a Connect stream in its last envelope", () => {
    const { body } = errorResponse(request(service, "application/connect+json"), overloaded);
    assert.equal(body[0], 2);
    const { error } = JSON.parse(Buffer.from(body.subarray(5)).toString());
    assert.deepEqual([error.code, error.message], ["unavailable", "too much at once"]);
  });

  it("an error that a retry cannot mend has no retry hint", () => {
    const error = new ObsvtyError("too-large", "larger than 1 byte");
    const grpc = errorResponse(request(service, "application/grpc"), error);
    assert.equal(grpc.headers["grpc-status-details-bin"], undefined);
    const http = errorResponse(request("/v1/traces", "application/json"), error);
    assert.equal(http.headers["retry-after"], undefined);
  });

  it("gRPC over HTTP/1.1 is answered 505", () => {
    assert.equal(errorResponse(request(service, "application/grpc", 1), overloaded).status, 505);
  });
});
