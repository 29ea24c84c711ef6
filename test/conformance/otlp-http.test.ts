import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, type TestContext, test } from "node:test";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { fromBinary, fromJson, toBinary } from "@bufbuild/protobuf";
import { type Status, StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { ExportTraceServiceResponseSchema } from "../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { signals, signalTraits } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { requestOf } from "../contract/store-requests.ts";
import { type HttpCall, type HttpReply, type HttpVersion, sendHttp } from "../support/http-call.ts";
import { malformedRequests } from "../support/malformed.ts";
import { eventually, startObsvty, statsOf } from "../support/obsvty.ts";
import { makeTraceRequest } from "../support/otlp.ts";
import { startCall } from "../support/raw-grpc.ts";
import { connectHttp2, connectRaw, type TestServer, type TestServerOptions } from "../support/server.ts";
import { lengthDelimited, spanIdBytes, traceRequest, validSpanFields } from "../support/wire.ts";

// The lines of the checklist "OTLP/HTTP" (OTLP 1.11, "OTLP/HTTP Request" and "Response"), each over both
// versions of HTTP, on both ports, and also by Fastify where the fast path does not take the request.

const protobuf = { "content-type": "application/x-protobuf" } as const;
const json = { "content-type": "application/json" } as const;
const utf8 = (text: string) => Buffer.from(text);
const path = "/v1/traces";
const trace = toBinary(requestSchemas.traces, makeTraceRequest({ count: 3 }));
const jsonTrace = utf8(
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] },
        scopeSpans: [
          {
            spans: [
              { traceId: "5b8efff798038103d269b633813fc60c", spanId: "eee19b7ec3c1b174", name: "GET /cart" },
            ],
          },
        ],
      },
    ],
  }),
);
const oneRejected = traceRequest(validSpanFields, lengthDelimited(2, spanIdBytes));

const ways: readonly (readonly [version: HttpVersion, port: "4317" | "4318", path: "fast" | "Fastify"])[] = [
  ["HTTP/1.1", "4317", "fast"],
  ["HTTP/1.1", "4318", "fast"],
  ["HTTP/1.1", "4318", "Fastify"],
  ["HTTP/2", "4317", "fast"],
  ["HTTP/2", "4318", "fast"],
  ["HTTP/2", "4318", "Fastify"],
];

type Send = (call: HttpCall) => Promise<HttpReply>;

async function start(
  t: TestContext,
  [version, port, path]: (typeof ways)[number],
  options: Omit<TestServerOptions, "core"> = {},
): Promise<{ server: TestServer; send: Send }> {
  const settings = { OTLP_HTTP_PORT: "0", ...options.settings };
  const server = await startObsvty(t, { ...options, settings, fastPath: path === "fast" });
  const url = port === "4317" ? server.url : server.httpUrl;
  return { server, send: (call) => sendHttp(t, version, url, call) };
}

/** The `google.rpc.Status` of an error, which has to come in this type. */
function statusOf(reply: HttpReply, type: string): Status {
  assert.equal(reply.headers["content-type"], type);
  return type === json["content-type"]
    ? // The details are an Any, which needs a registry; Retry-After says the same.
      fromJson(StatusSchema, { ...JSON.parse(reply.body.toString()), details: [] })
    : fromBinary(StatusSchema, reply.body);
}

for (const way of ways) {
  describe(`OTLP/HTTP over ${way[0]} on the port of ${way[1]}, ${way[2] === "fast" ? "on the fast path" : "by Fastify"}`, () => {
    for (const signal of signals) {
      const { httpPath } = signalTraits[signal];
      test(`OTLP/HTTP over ${way[0]}: ${httpPath} takes protobuf and JSON, with and without a trailing slash`, async (t) => {
        const { server, send } = await start(t, way);
        const body = toBinary(requestSchemas[signal] as never, requestOf(signal, 4) as never);
        for (const at of [httpPath, `${httpPath}/`, `${httpPath}?x=1`]) {
          const reply = await send({ path: at, headers: protobuf, body });
          assert.deepEqual([reply.status, reply.body.byteLength], [200, 0]);
          assert.equal(reply.headers["content-type"], "application/x-protobuf");
          const empty = await send({ path: at, headers: json, body: utf8("{}") });
          assert.deepEqual([empty.status, empty.body.toString()], [200, "{}"]);
          assert.equal(empty.headers["content-type"], "application/json");
        }
        assert.equal((await statsOf(server))[signal].accepted, 12);
      });
    }

    test(`OTLP/HTTP over ${way[0]}: content types may have parameters and any letter case, and answers have no parameters`, async (t) => {
      const { server, send } = await start(t, way);
      for (const [type, answered] of [
        ["application/x-protobuf; charset=utf-8", "application/x-protobuf"],
        ["Application/X-Protobuf", "application/x-protobuf"],
        ["application/json;charset=UTF-8", "application/json"],
        ["APPLICATION/JSON", "application/json"],
      ] as const) {
        const body = answered.endsWith("json") ? jsonTrace : trace;
        const reply = await send({ path, headers: { "content-type": type }, body });
        assert.deepEqual([reply.status, reply.headers["content-type"]], [200, answered]);
      }
      assert.equal((await statsOf(server)).traces.accepted, 8);
    });

    for (const [encoding, compress] of [
      ["identity", (bytes: Uint8Array) => bytes],
      ["gzip", gzipSync],
      ["GZIP", gzipSync],
      ["x-gzip", gzipSync],
      ["deflate", deflateSync],
      ["zstd", zstdCompressSync],
    ] as const) {
      test(`OTLP/HTTP over ${way[0]}: content-encoding ${encoding} is taken, small and large, in protobuf and JSON`, async (t) => {
        const { server, send } = await start(t, way);
        const large = toBinary(requestSchemas.traces, makeTraceRequest({ count: 800 }));
        for (const [headers, body] of [
          [protobuf, trace],
          [protobuf, large],
          [json, jsonTrace],
        ] as const) {
          const compressed = compress(body);
          const reply = await send({
            path,
            headers: { ...headers, "content-encoding": encoding },
            body: compressed,
          });
          assert.equal(reply.status, 200, reply.body.toString());
        }
        assert.equal((await statsOf(server)).traces.accepted, 804);
      });
    }

    for (const [what, compress, encoding] of [
      ["as sent", (bytes: Uint8Array) => bytes, "identity"],
      ["after inflating gzip", gzipSync, "gzip"],
      ["after inflating deflate", deflateSync, "deflate"],
      ["after inflating zstd", zstdCompressSync, "zstd"],
    ] as const) {
      test(`OTLP/HTTP over ${way[0]}: a request over the limit ${what} is refused with 413, and one exactly at it is taken`, async (t) => {
        const limit = trace.byteLength;
        const settings = { MAX_RECEIVE_MESSAGE_LENGTH: String(limit) };
        const { server, send } = await start(t, way, { settings });
        const headers = { ...protobuf, "content-encoding": encoding };
        assert.equal((await send({ path, headers, body: compress(trace) })).status, 200);
        const over = Buffer.concat([trace, Uint8Array.of(0x0a, 0x00)]);
        for (const body of [compress(over), [compress(over)]]) {
          const reply = await send({ path, headers, body });
          assert.equal(reply.status, 413);
          assert.equal(statusOf(reply, "application/x-protobuf").code, 8);
          assert.equal(reply.headers["retry-after"], undefined);
        }
        const { accepted, refused } = (await statsOf(server)).traces;
        assert.deepEqual({ accepted, refused }, { accepted: 3, refused: 2 });
      });
    }

    test(`OTLP/HTTP over ${way[0]}: inflating a bomb stops at the limit`, async (t) => {
      const { send } = await start(t, way);
      for (const [encoding, compress] of [
        ["gzip", gzipSync],
        ["deflate", deflateSync],
        ["zstd", zstdCompressSync],
      ] as const) {
        const body = compress(Buffer.alloc(200 * 2 ** 20));
        assert.equal(
          (await send({ path, headers: { ...protobuf, "content-encoding": encoding }, body })).status,
          413,
        );
      }
    });

    test(`OTLP/HTTP over ${way[0]}: an unknown encoding is answered 415 with accept-encoding`, async (t) => {
      const { send } = await start(t, way);
      for (const encoding of ["br", "gzip, gzip", "compress"]) {
        const reply = await send({
          path,
          headers: { ...json, "content-encoding": encoding },
          body: jsonTrace,
        });
        assert.equal(reply.status, 415);
        assert.equal(statusOf(reply, "application/json").code, 12);
        assert.equal(
          reply.headers["accept-encoding"],
          "identity,gzip,zstd,deflate,zlib,snappy,x-snappy-framed,lz4",
        );
      }
    });

    test(`OTLP/HTTP over ${way[0]}: a body that does not inflate is answered 400`, async (t) => {
      const { send } = await start(t, way);
      for (const encoding of ["gzip", "deflate", "zstd"]) {
        for (const body of [trace, gzipSync(trace).subarray(0, 60), Buffer.alloc(40_000, 1)]) {
          const reply = await send({ path, headers: { ...protobuf, "content-encoding": encoding }, body });
          assert.equal(reply.status, 400, encoding);
          assert.equal(statusOf(reply, "application/x-protobuf").code, 3);
        }
      }
    });

    test(`OTLP/HTTP over ${way[0]}: a partial success is answered in the request's type`, async (t) => {
      const { send } = await start(t, way);
      const reply = await send({ path, headers: protobuf, body: oneRejected });
      assert.equal(reply.status, 200);
      const { partialSuccess } = fromBinary(ExportTraceServiceResponseSchema, reply.body);
      assert.equal(partialSuccess?.rejectedSpans, 1n);
      const spans = [{ traceId: "5b8efff798038103d269b633813fc60c", spanId: "00" }];
      const body = utf8(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
      const inJson = JSON.parse((await send({ path, headers: json, body })).body.toString());
      assert.equal(inJson.partialSuccess.rejectedSpans, "1");
      assert.match(inJson.partialSuccess.errorMessage, /^1 span rejected: span_id must be 8 bytes, got 1/);
    });

    for (const [what, call, http] of [
      ["a path that is not there", { path: "/v1/trace" }, 404],
      ["GET", { path, method: "GET", body: [] }, 405],
      ["PUT", { path, method: "PUT" }, 405],
      ["OPTIONS", { path, method: "OPTIONS", body: [] }, 405],
    ] as const) {
      test(`OTLP/HTTP over ${way[0]}: ${what} is answered ${http}, in the request's type`, async (t) => {
        const { send } = await start(t, way);
        for (const headers of [protobuf, json]) {
          const reply = await send({ headers, body: trace, ...call });
          assert.equal(reply.status, http);
          assert.equal(statusOf(reply, headers["content-type"]).code, 12);
          assert.equal(reply.headers.allow, http === 405 ? "POST" : undefined);
        }
      });
    }

    test(`OTLP/HTTP over ${way[0]}: an exporter without a path in its endpoint is told where to send`, async (t) => {
      const { send } = await start(t, way);
      const reply = await send({ path: "/", headers: protobuf, body: trace });
      assert.equal(reply.status, 404);
      const { message } = statusOf(reply, "application/x-protobuf");
      assert.match(message, /^no such path; OTLP\/HTTP goes to \/v1\/traces, \/v1\/logs, /);
    });

    test(`OTLP/HTTP over ${way[0]}: other content types are answered 415 in JSON`, async (t) => {
      const { send } = await start(t, way);
      for (const type of ["text/plain", "application/octet-stream", "application/protobuf", undefined]) {
        const reply = await send({
          path,
          headers: type === undefined ? {} : { "content-type": type },
          body: trace,
        });
        assert.equal(reply.status, 415, String(type));
        assert.equal(statusOf(reply, "application/json").code, 3);
      }
    });

    test(`OTLP/HTTP over ${way[0]}: an empty body is taken in protobuf and refused in JSON`, async (t) => {
      const { send } = await start(t, way);
      for (const body of [Buffer.alloc(0), []]) {
        assert.equal((await send({ path, headers: protobuf, body })).status, 200);
        const reply = await send({ path, headers: json, body });
        assert.equal(reply.status, 400);
        assert.equal(statusOf(reply, "application/json").code, 3);
      }
    });

    test(`OTLP/HTTP over ${way[0]}: a chunked body of unknown length is taken`, async (t) => {
      const { server, send } = await start(t, way);
      const pieces = Array.from({ length: 40 }, (_, i) => trace.subarray(i * 60, (i + 1) * 60));
      const last = trace.subarray(40 * 60);
      assert.equal((await send({ path, headers: protobuf, body: [...pieces, last] })).status, 200);
      assert.equal((await statsOf(server)).traces.accepted, 3);
    });

    test(`OTLP/HTTP over ${way[0]}: a client over its rate is answered 429 with Retry-After`, async (t) => {
      const settings = { RATE_LIMIT_MAX: "1", RATE_LIMIT_WINDOW_MS: "60000" };
      const { send } = await start(t, way, { settings });
      assert.equal((await send({ path, headers: protobuf, body: trace })).status, 200);
      for (const headers of [protobuf, json]) {
        const reply = await send({ path, headers, body: trace });
        assert.equal(reply.status, 429);
        assert.equal(statusOf(reply, headers["content-type"]).code, 8);
        assert.ok(Number(reply.headers["retry-after"]) >= 1);
      }
    });

    test(`OTLP/HTTP over ${way[0]}: a client without a token is answered 401`, async (t) => {
      const { send } = await start(t, way, { settings: { INGEST_TOKEN: "secret" } });
      const reply = await send({ path, headers: json, body: jsonTrace });
      assert.equal(reply.status, 401);
      assert.equal(statusOf(reply, "application/json").code, 16);
      const headers = { ...json, authorization: "Bearer secret" };
      assert.equal((await send({ path, headers, body: jsonTrace })).status, 200);
    });

    test(`OTLP/HTTP over ${way[0]}: short answers are never compressed, though the caller accepts it`, async (t) => {
      const { send } = await start(t, way);
      const headers = { ...protobuf, "accept-encoding": "gzip, zstd" };
      const reply = await send({ path, headers, body: oneRejected });
      assert.equal(reply.headers["content-encoding"], undefined);
    });
  });
}

describe("OTLP/HTTP", () => {
  for (const { name, bytes, message } of malformedRequests) {
    test(`OTLP/HTTP: ${name} is answered 400 with the place of the fault`, async (t) => {
      const { send } = await start(t, ways[0]!);
      const reply = await send({ path, headers: protobuf, body: bytes });
      assert.equal(reply.status, 400);
      const status = statusOf(reply, "application/x-protobuf");
      assert.equal(status.code, 3);
      assert.ok(status.message.startsWith(message), status.message);
    });
  }

  test("OTLP/HTTP: an export over MAX_INFLIGHT_BYTES is answered 503 with Retry-After, and the others are kept", async (t) => {
    const settings = { MAX_RECEIVE_MESSAGE_LENGTH: "1000", MAX_INFLIGHT_BYTES: "1000" };
    const { server, send } = await start(t, ways[0]!, { settings });
    const large = traceRequest(Buffer.concat([validSpanFields, lengthDelimited(100, Buffer.alloc(800))]));
    const { stream, reply } = startCall(connectHttp2(t, server), path, protobuf);
    stream.write(large.subarray(0, 700));
    const refused = await eventually("both are too much", async () => {
      const one = await send({ path, headers: json, body: Buffer.alloc(900, " ") });
      return one.status === 503 ? one : undefined;
    });
    assert.equal(statusOf(refused, "application/json").code, 14);
    assert.ok(Number(refused.headers["retry-after"]) >= 1);
    stream.end(large.subarray(700));
    assert.equal((await reply).httpStatus, 200);
    assert.equal((await statsOf(server)).traces.accepted, 1);
  });

  test("OTLP/HTTP: a body that does not arrive in time is answered 408", async (t) => {
    const { server } = await start(t, ways[0]!, { settings: { REQUEST_TIMEOUT_MS: "500" } });
    const { stream, reply } = startCall(connectHttp2(t, server), path, protobuf);
    stream.write(trace.subarray(0, 10));
    assert.equal((await reply).httpStatus, 408);
  });

  test("OTLP/HTTP: nothing is kept of a body whose client goes away, and the next request is served", async (t) => {
    const { server, send } = await start(t, ways[0]!);
    const { socket } = connectRaw(t, server);
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 99\r\n\r\nabc`,
      () => socket.resetAndDestroy(),
    );
    const { stream, reply } = startCall(connectHttp2(t, server), path, protobuf);
    stream.write(trace.subarray(0, 10), () => stream.close(8));
    await reply.catch(() => {});
    assert.equal((await send({ path, headers: protobuf, body: trace })).status, 200);
    const { accepted, refused } = (await statsOf(server)).traces;
    assert.deepEqual({ accepted, refused }, { accepted: 3, refused: 0 });
  });

  for (const port of ["4317", "4318"] as const) {
    test(`OTLP/HTTP: an export in flight on the port of ${port} is finished when the server stops`, async (t) => {
      const { server } = await start(t, ["HTTP/2", port, "fast"], {
        settings: { SHUTDOWN_GRACE_MS: "10000" },
      });
      const url = port === "4317" ? server.url : server.httpUrl;
      const session = connectHttp2(t, { url });
      await once(session, "remoteSettings"); // before that, a ping is answered without the server
      const { stream, reply } = startCall(session, path, protobuf);
      stream.write(trace.subarray(0, 10));
      await new Promise<void>((resolve) => session.ping(() => resolve()));
      const closed = server.close();
      await once(session, "goaway");
      stream.end(trace.subarray(10));
      assert.equal((await reply).httpStatus, 200);
      assert.equal(await closed, 0);
    });
  }
});
