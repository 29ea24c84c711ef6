import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ExportTraceServiceResponseSchema } from "../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { exportPath, signals } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { malformedRequests } from "../support/malformed.ts";
import { eventually, startObsvty, statsOf } from "../support/obsvty.ts";
import {
  makeLogsRequest,
  makeMetricsRequest,
  makeProfilesRequest,
  makeTraceRequest,
} from "../support/otlp.ts";
import { call, frame, startCall } from "../support/raw-grpc.ts";
import { connectHttp2 } from "../support/server.ts";
import { lengthDelimited, spanIdBytes, traceRequest, validSpanFields } from "../support/wire.ts";

const path = exportPath("traces");
const trace = toBinary(requestSchemas.traces, makeTraceRequest({ count: 3 }));
const requests = {
  traces: trace,
  logs: toBinary(requestSchemas.logs, makeLogsRequest({ count: 3 })),
  metrics: toBinary(requestSchemas.metrics, makeMetricsRequest({ count: 3 })),
  profiles: toBinary(requestSchemas.profiles, makeProfilesRequest({ count: 3 })),
};

describe("OTLP/gRPC export", () => {
  for (const signal of signals) {
    test(`a gRPC export of ${signal} is answered with an empty message, in every encoding`, async (t) => {
      const server = await startObsvty(t);
      const session = connectHttp2(t, server);
      for (const [body, encoding] of [
        [frame(requests[signal]), "identity"],
        [frame(gzipSync(requests[signal]), 1), "gzip"],
        [frame(requests[signal]), "gzip"],
        [frame(zstdCompressSync(requests[signal]), 1), "zstd"],
        [frame(deflateSync(requests[signal]), 1), "deflate"],
      ] as const) {
        const reply = await call(session, exportPath(signal), body, { "grpc-encoding": encoding });
        assert.equal(reply.grpcStatus, 0, reply.grpcMessage);
        assert.deepEqual(reply.body, frame(new Uint8Array()));
        assert.equal(reply.trailers["grpc-status"], "0");
      }
      const { accepted, refused, items } = (await statsOf(server))[signal];
      assert.deepEqual({ accepted, refused, items }, { accepted: 15, refused: 0, items: 15 });
    });
  }

  test("an empty gRPC message is accepted, with the compressed flag too", async (t) => {
    const session = connectHttp2(t, await startObsvty(t));
    assert.equal((await call(session, path, frame(new Uint8Array()))).grpcStatus, 0);
    // The compressed flag without so much as a gzip header.
    const empty = await call(session, path, frame(new Uint8Array(), 1), { "grpc-encoding": "gzip" });
    assert.equal(empty.grpcStatus, 0);
  });

  test("a gRPC export with one invalid span keeps the other, and the answer says how many were rejected and why", async (t) => {
    const server = await startObsvty(t);
    const bytes = traceRequest(validSpanFields, lengthDelimited(2, spanIdBytes));
    const reply = await call(connectHttp2(t, server), path, frame(bytes));
    assert.equal(reply.grpcStatus, 0);
    const { partialSuccess } = fromBinary(ExportTraceServiceResponseSchema, reply.body.subarray(5));
    assert.equal(partialSuccess?.rejectedSpans, 1n);
    assert.match(partialSuccess?.errorMessage ?? "", /^1 span rejected: trace_id must be 16 bytes, got 0/);
    const { accepted, rejected } = (await statsOf(server)).traces;
    assert.deepEqual({ accepted, rejected }, { accepted: 1, rejected: 1 });
  });

  test("a gRPC export in DATA frames of one byte each, with an empty last one, is accepted", async (t) => {
    const server = await startObsvty(t);
    const { stream, reply } = startCall(connectHttp2(t, server), path);
    for (const byte of frame(trace)) stream.write(Uint8Array.of(byte));
    stream.end();
    assert.equal((await reply).grpcStatus, 0);
    assert.equal((await statsOf(server)).traces.items, 3);
  });

  for (const { name, bytes, message } of malformedRequests) {
    test(`a gRPC export of ${name} is answered INVALID_ARGUMENT in one HEADERS frame`, async (t) => {
      const server = await startObsvty(t);
      const reply = await call(connectHttp2(t, server), path, frame(bytes));
      assert.deepEqual([reply.grpcStatus, reply.trailersOnly, reply.httpStatus], [3, true, 200]);
      assert.ok(reply.grpcMessage.startsWith(message), reply.grpcMessage);
      const { items, refused } = (await statsOf(server)).traces;
      assert.deepEqual({ items, refused }, { items: 0, refused: 1 });
    });
  }

  const refused: {
    name: string;
    body: Uint8Array;
    headers?: Record<string, string>;
    status: number;
    message?: RegExp;
  }[] = [
    { name: "no message", body: new Uint8Array(), status: 12 },
    { name: "two messages", body: Buffer.concat([frame(trace), frame(trace)]), status: 12 },
    { name: "half a message", body: frame(trace).subarray(0, 50), status: 13 },
    { name: "half a prefix", body: frame(trace).subarray(0, 3), status: 13 },
    { name: "unknown message flags", body: frame(trace, 2), status: 13 },
    { name: "the compressed flag under identity", body: frame(trace, 1), status: 13 },
    {
      name: "corrupt gzip",
      body: frame(trace, 1),
      headers: { "grpc-encoding": "gzip" },
      status: 13,
    },
    {
      name: "an unknown encoding",
      body: frame(trace, 1),
      headers: { "grpc-encoding": "br" },
      status: 12,
    },
    {
      name: "a malformed timeout",
      body: frame(trace),
      headers: { "grpc-timeout": "123456789S" },
      status: 13,
    },
    {
      name: "a message over the limit",
      body: frame(Buffer.alloc(10_001)),
      status: 8,
      message: /received message larger than max \(10001 vs\. 10000\)/,
    },
    {
      name: "a gzip bomb",
      body: frame(gzipSync(Buffer.alloc(5_000_000)), 1),
      headers: { "grpc-encoding": "gzip" },
      status: 8,
      message: /inflates to more than max \(10000\)/,
    },
  ];
  for (const { name, body, headers = {}, status, message } of refused) {
    test(`a gRPC export of ${name} is refused with ${status} and no retry hint, and the connection serves the next export`, async (t) => {
      const server = await startObsvty(t, { settings: { MAX_RECEIVE_MESSAGE_LENGTH: "10000" } });
      const session = connectHttp2(t, server);
      const reply = await call(session, path, body, headers);
      assert.deepEqual([reply.grpcStatus, reply.trailersOnly], [status, true], reply.grpcMessage);
      assert.equal(reply.headers["google.rpc.retryinfo-bin"], undefined);
      if (message !== undefined) assert.match(reply.grpcMessage, message);
      if (name === "an unknown encoding") {
        assert.match(String(reply.headers["grpc-accept-encoding"]), /identity,\s*gzip/);
      }
      assert.equal((await call(session, path, frame(trace))).grpcStatus, 0);
      const stats = (await statsOf(server)).traces;
      assert.deepEqual([stats.items, stats.refused], [3, 1]);
    });
  }

  test("a gRPC export of exactly MAX_RECEIVE_MESSAGE_LENGTH bytes is accepted, as sent and after inflating", async (t) => {
    const settings = { MAX_RECEIVE_MESSAGE_LENGTH: String(trace.byteLength) };
    const session = connectHttp2(t, await startObsvty(t, { settings }));
    assert.equal((await call(session, path, frame(trace))).grpcStatus, 0);
    const gzip = await call(session, path, frame(gzipSync(trace), 1), { "grpc-encoding": "gzip" });
    assert.equal(gzip.grpcStatus, 0, gzip.grpcMessage);
  });

  test("a gRPC export whose deadline passes before its body has arrived is answered DEADLINE_EXCEEDED", async (t) => {
    const { stream, reply } = startCall(connectHttp2(t, await startObsvty(t)), path, {
      "grpc-timeout": "20m",
    });
    stream.write(frame(trace).subarray(0, 40));
    const { grpcStatus, trailersOnly } = await reply;
    assert.deepEqual([grpcStatus, trailersOnly], [4, true]);
  });

  test("a gRPC export over MAX_INFLIGHT_BYTES is answered UNAVAILABLE, with a retry hint in both of its fields", async (t) => {
    const settings = { MAX_RECEIVE_MESSAGE_LENGTH: "3000", MAX_INFLIGHT_BYTES: "3000" };
    const session = connectHttp2(t, await startObsvty(t, { settings }));
    const held = startCall(session, path);
    held.stream.write(frame(Buffer.alloc(2900)).subarray(0, 2500));
    await new Promise<void>((resolve) => session.ping(() => resolve()));
    const reply = await call(session, path, frame(trace));
    assert.equal(reply.grpcStatus, 14, reply.grpcMessage);
    assert.ok(reply.headers["google.rpc.retryinfo-bin"]);
    assert.ok(reply.headers["grpc-status-details-bin"]);
    held.stream.close(8);
    await held.reply;
    await eventually("what was in flight is let go", async () =>
      (await call(session, path, frame(trace))).grpcStatus === 0 ? true : undefined,
    );
  });

  test("a gRPC export that its client cancels half-way leaves no bytes in flight", async (t) => {
    const server = await startObsvty(t, {
      settings: { MAX_RECEIVE_MESSAGE_LENGTH: "3000", MAX_INFLIGHT_BYTES: "3000" },
    });
    const session = connectHttp2(t, server);
    for (let i = 0; i < 20; i++) {
      const { stream, reply } = startCall(session, path);
      stream.write(frame(trace).subarray(0, 1000));
      await new Promise<void>((resolve) => session.ping(() => resolve()));
      stream.close(8);
      await reply;
    }
    const accepted = await eventually("an export passes", async () => {
      const reply = await call(session, path, frame(trace));
      return reply.grpcStatus === 0 ? reply : undefined;
    });
    assert.equal(accepted.grpcStatus, 0);
    assert.equal((await statsOf(server)).traces.items, 3);
  });
});

for (const [where, fastPath] of [
  ["on the fast path", true],
  ["by Fastify", false],
] as const) {
  describe(`an export ${where}`, () => {
    test(`an export over native gRPC ${where} is accepted with +proto and parameters in its type, and with odd metadata`, async (t) => {
      const session = connectHttp2(t, await startObsvty(t, { fastPath }));
      for (const type of ["application/grpc+proto", "application/grpc;charset=utf-8", "Application/GRPC"]) {
        const headers = { "content-type": type, "x-padded-bin": "AAE=", "x-odd": "~!{}|" };
        assert.equal((await call(session, path, frame(trace), headers)).grpcStatus, 0, type);
      }
    });

    test(`an export over native gRPC ${where} is accepted, told what was rejected, and refused in one frame`, async (t) => {
      const server = await startObsvty(t, { fastPath });
      const session = connectHttp2(t, server);
      for (const signal of signals) {
        const reply = await call(session, exportPath(signal), frame(requests[signal]));
        assert.equal(reply.grpcStatus, 0, reply.grpcMessage);
      }
      const partial = await call(session, path, frame(traceRequest(lengthDelimited(2, spanIdBytes))));
      const { partialSuccess } = fromBinary(ExportTraceServiceResponseSchema, partial.body.subarray(5));
      assert.equal(partialSuccess?.rejectedSpans, 1n);
      const broken = await call(session, path, frame(Uint8Array.of(0x0a, 0x05, 0x12)));
      assert.deepEqual([broken.grpcStatus, broken.trailersOnly], [3, true]);
      assert.equal(broken.grpcMessage, "resource_spans[0]: length 5 runs past its parent at byte 0");
      const { accepted, rejected, refused } = (await statsOf(server)).traces;
      assert.deepEqual({ accepted, rejected, refused }, { accepted: 3, rejected: 1, refused: 1 });
    });

    test(`an export over native gRPC in JSON ${where} is accepted, and answered in JSON`, async (t) => {
      const server = await startObsvty(t, { fastPath });
      const headers = { "content-type": "application/grpc+json" };
      const reply = await call(connectHttp2(t, server), path, frame(Buffer.from("{}")), headers);
      assert.equal(reply.grpcStatus, 0, reply.grpcMessage);
      assert.equal(reply.headers["content-type"], "application/grpc+json");
      assert.deepEqual(reply.body, frame(Buffer.from("{}")));
    });

    test(`an export by Connect over HTTP/1.1 ${where} is accepted in JSON and in protobuf`, async (t) => {
      const server = await startObsvty(t, { fastPath });
      const span = {
        traceId: Buffer.from("5b8efff798038103d269b633813fc60c", "hex").toString("base64"),
        spanId: Buffer.from("eee19b7ec3c1b174", "hex").toString("base64"),
      };
      const json = await fetch(server.url + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
      });
      assert.deepEqual([json.status, await json.text()], [200, "{}"]);
      const binary = await fetch(server.url + path, {
        method: "POST",
        headers: { "content-type": "application/proto" },
        body: trace,
      });
      assert.equal(binary.status, 200);
      assert.equal((await statsOf(server)).traces.items, 4);
    });
  });
}
