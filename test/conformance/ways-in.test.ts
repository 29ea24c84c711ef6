import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { ExportTraceServiceResponseSchema } from "../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/scan/schema-table.ts";
import { malformedRequests } from "../support/malformed.ts";
import { startObsvty, statsOf } from "../support/obsvty.ts";
import { makeTraceRequest } from "../support/otlp.ts";
import { call, frame } from "../support/raw-grpc.ts";
import { connectHttp2, type TestServer } from "../support/server.ts";
import { lengthDelimited, spanIdBytes, traceRequest, validSpanFields } from "../support/wire.ts";

// The same requests by every way in: DESIGN's status table holds for each in its own terms.

interface Answer {
  /** gRPC's number of the outcome, 0 for success, whatever the protocol calls it. */
  readonly code: number;
  /** Of a success: the encoded response. */
  readonly message: Uint8Array;
  readonly hasRetryHint: boolean;
}

interface Sending {
  readonly body: Uint8Array;
  readonly encoding?: string;
  readonly token?: string;
}

type Way = (t: TestContext, server: TestServer, sending: Sending) => Promise<Answer>;

const connectCodes: Readonly<Record<string, number>> = {
  invalid_argument: 3,
  resource_exhausted: 8,
  unimplemented: 12,
  unauthenticated: 16,
};

function post(
  server: TestServer,
  path: string,
  type: string,
  body: Uint8Array,
  headers: Record<string, string | undefined>,
): Promise<Response> {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": type, ...Object.fromEntries(given) },
    body: Buffer.from(body),
  });
}

const bearer = (token: string | undefined) => token && `Bearer ${token}`;

const ways: Readonly<Record<string, Way>> = {
  "native gRPC": async (t, server, { body, encoding, token }) => {
    const headers = {
      "grpc-encoding": encoding ?? "identity",
      ...(token && { authorization: `Bearer ${token}` }),
    };
    const reply = await call(
      connectHttp2(t, server),
      exportPath("traces"),
      frame(body, encoding === undefined ? 0 : 1),
      headers,
    );
    return {
      code: reply.grpcStatus,
      message: reply.body.subarray(5),
      hasRetryHint: reply.headers["grpc-status-details-bin"] !== undefined,
    };
  },
  "gRPC-Web": async (_t, server, { body, encoding, token }) => {
    const framed = frame(body, encoding === undefined ? 0 : 1);
    const headers = { "grpc-encoding": encoding, authorization: bearer(token) };
    const reply = await post(server, exportPath("traces"), "application/grpc-web+proto", framed, headers);
    const bytes = Buffer.from(await reply.bytes());
    const length = bytes.byteLength === 0 ? 0 : bytes.readUInt32BE(1);
    const isMessage = bytes.byteLength > 0 && bytes[0] === 0;
    const trailers = bytes.subarray(isMessage ? 5 + length : 0).toString("latin1");
    const status = reply.headers.get("grpc-status") ?? /grpc-status: ?(\d+)/i.exec(trailers)?.[1];
    return {
      code: Number(status),
      message: isMessage ? bytes.subarray(5, 5 + length) : bytes.subarray(0, 0),
      hasRetryHint: reply.headers.has("grpc-status-details-bin") || /grpc-status-details-bin/i.test(trailers),
    };
  },
  Connect: async (_t, server, { body, encoding, token }) => {
    const headers = { "content-encoding": encoding, authorization: bearer(token) };
    const reply = await post(server, exportPath("traces"), "application/proto", body, headers);
    if (reply.status === 200) return { code: 0, message: await reply.bytes(), hasRetryHint: false };
    const { code } = (await reply.json()) as { code: string };
    return {
      code: connectCodes[code] ?? -1,
      message: new Uint8Array(),
      hasRetryHint: reply.headers.has("retry-after"),
    };
  },
  "OTLP/HTTP": async (_t, server, { body, encoding, token }) => {
    const headers = { "content-encoding": encoding, authorization: bearer(token) };
    const reply = await post(server, "/v1/traces", "application/x-protobuf", body, headers);
    const bytes = await reply.bytes();
    if (reply.status === 200) return { code: 0, message: bytes, hasRetryHint: false };
    const { code } = fromBinary(StatusSchema, bytes);
    return { code, message: new Uint8Array(), hasRetryHint: reply.headers.has("retry-after") };
  },
};

const trace = toBinary(requestSchemas.traces, makeTraceRequest({ count: 3 }));

for (const [name, send] of Object.entries(ways)) {
  describe(`an export by ${name}`, () => {
    for (const encoding of [undefined, "gzip"]) {
      test(`is answered with an empty message, ${encoding ?? "identity"}`, async (t) => {
        const server = await startObsvty(t);
        const body = encoding === undefined ? trace : gzipSync(trace);
        const answer = await send(t, server, { body, ...(encoding && { encoding }) });
        assert.deepEqual([answer.code, answer.message.byteLength], [0, 0]);
        assert.equal((await statsOf(server)).traces.items, 3);
      });
    }

    test("of nothing is fine", async (t) => {
      assert.equal((await send(t, await startObsvty(t), { body: new Uint8Array() })).code, 0);
    });

    test("of a wrong item keeps the rest, and counts it", async (t) => {
      const server = await startObsvty(t);
      const body = traceRequest(validSpanFields, lengthDelimited(2, spanIdBytes));
      const { code, message } = await send(t, server, { body });
      assert.equal(code, 0);
      assert.equal(fromBinary(ExportTraceServiceResponseSchema, message).partialSuccess?.rejectedSpans, 1n);
      const { accepted, rejected } = (await statsOf(server)).traces;
      assert.deepEqual({ accepted, rejected }, { accepted: 1, rejected: 1 });
    });

    test("of bytes that are not the message is refused for good", async (t) => {
      const server = await startObsvty(t);
      for (const { name: what, bytes } of malformedRequests) {
        const { code, hasRetryHint } = await send(t, server, { body: bytes });
        assert.deepEqual([code, hasRetryHint], [3, false], what);
      }
      const { accepted, refused } = (await statsOf(server)).traces;
      assert.deepEqual({ accepted, refused }, { accepted: 0, refused: malformedRequests.length });
    });

    test("over the limit is refused for good, as sent and after inflating", async (t) => {
      const server = await startObsvty(t, {
        settings: { MAX_RECEIVE_MESSAGE_LENGTH: String(trace.byteLength) },
      });
      assert.equal((await send(t, server, { body: trace })).code, 0);
      const over = Buffer.concat([trace, Uint8Array.of(0x0a, 0x00)]);
      for (const sending of [{ body: over }, { body: gzipSync(Buffer.alloc(5_000_000)), encoding: "gzip" }]) {
        const { code, hasRetryHint } = await send(t, server, sending);
        assert.deepEqual([code, hasRetryHint], [8, false]);
      }
      assert.equal((await statsOf(server)).traces.refused, 2);
    });

    test("in an unknown encoding is refused as such", async (t) => {
      const server = await startObsvty(t);
      assert.equal((await send(t, server, { body: trace, encoding: "lz4" })).code, 12);
      assert.equal((await statsOf(server)).traces.refused, 1);
    });

    test("over the rate is told when to come back", async (t) => {
      const server = await startObsvty(t, {
        settings: { RATE_LIMIT_MAX: "1", RATE_LIMIT_WINDOW_MS: "60000" },
      });
      assert.equal((await send(t, server, { body: trace })).code, 0);
      const { code, hasRetryHint } = await send(t, server, { body: trace });
      assert.deepEqual([code, hasRetryHint], [8, true]);
    });

    test("needs the token", async (t) => {
      const server = await startObsvty(t, { settings: { INGEST_TOKEN: "right" } });
      assert.equal((await send(t, server, { body: trace })).code, 16);
      assert.equal((await send(t, server, { body: trace, token: "wrong" })).code, 16);
      assert.equal((await send(t, server, { body: trace, token: "right" })).code, 0);
    });
  });
}
