import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { toBinary } from "@bufbuild/protobuf";
import { exportPath, type Signal, signalTraits } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { startObsvty, statsOf } from "../support/obsvty.ts";
import { makeTraceRequest } from "../support/otlp.ts";
import { startCall } from "../support/raw-grpc.ts";
import { connectHttp2 } from "../support/server.ts";

const traceId = "5b8efff798038103d269b633813fc60c";
const spanId = "eee19b7ec3c1b174";
const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64");

function post(url: string, signal: Signal, body: string | Uint8Array, headers: Record<string, string> = {}) {
  const type = typeof body === "string" ? "application/json" : "application/proto";
  return fetch(`${url}${exportPath(signal)}`, {
    method: "POST",
    headers: { "content-type": type, ...headers },
    body: Buffer.from(body as string),
  });
}

describe("an export in Connect's JSON", () => {
  const spans = (span: object) => ({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  const rows: readonly (readonly [what: string, signal: Signal, request: object])[] = [
    ["a trace id", "traces", spans({ traceId, spanId: base64(spanId) })],
    ["a span id", "traces", spans({ traceId: base64(traceId), spanId })],
    [
      "a parent's id",
      "traces",
      spans({ traceId: base64(traceId), spanId: base64(spanId), parentSpanId: spanId }),
    ],
    ["a log's trace id", "logs", { resourceLogs: [{ scopeLogs: [{ logRecords: [{ traceId }] }] }] }],
    [
      "an exemplar's span id",
      "metrics",
      {
        resourceMetrics: [
          {
            scopeMetrics: [
              { metrics: [{ gauge: { dataPoints: [{ asInt: "1", exemplars: [{ spanId }] }] } }] },
            ],
          },
        ],
      },
    ],
  ];
  for (const [what, signal, request] of rows) {
    test(`a Connect export in JSON with ${what} in hex is refused, and told where OTLP/JSON goes`, async (t) => {
      const server = await startObsvty(t);
      const reply = await post(server.url, signal, JSON.stringify(request));
      const { code, message } = (await reply.json()) as { code: string; message: string };
      assert.deepEqual([reply.status, code], [400, "invalid_argument"]);
      assert.ok(message.endsWith(`goes to ${signalTraits[signal].httpPath}`), message);
      const { accepted, refused } = (await statsOf(server))[signal];
      assert.deepEqual({ accepted, refused }, { accepted: 0, refused: 1 });
    });
  }

  for (const [what, body] of [
    ["of another type", '{"resourceSpans":"SECRET"}'],
    ["with an item of another type", '{"resourceSpans":[{"scopeSpans":["SECRET"]}]}'],
    ["cut short", '{"resourceSpans":[{"schemaUrl":"SECRET"'],
    ["that is not JSON", "SECRET"],
  ] as const) {
    test(`a Connect export in JSON ${what} is refused without a word of what it holds`, async (t) => {
      const server = await startObsvty(t);
      const reply = await post(server.url, "traces", body);
      const text = await reply.text();
      assert.deepEqual([reply.status, JSON.parse(text).code], [400, "invalid_argument"]);
      assert.doesNotMatch(text, /SECRET/);
      assert.doesNotMatch(JSON.stringify(server.logs), /SECRET/);
      assert.equal((await statsOf(server)).traces.refused, 1);
    });
  }

  test("a Connect export in JSON with a value of another type in a resource loses the value alone, and is told so", async (t) => {
    const server = await startObsvty(t);
    const reply = await post(server.url, "traces", '{"resourceSpans":[{"schemaUrl":{"a":"SECRET"}}]}');
    assert.equal(reply.status, 200);
    assert.deepEqual(await reply.json(), {
      partialSuccess: {
        errorMessage: "left out: schema_url must be a string (resource_spans[0].schema_url)",
      },
    });
  });

  test("a Connect export in JSON with an odd value in a span loses the span alone, and is told so", async (t) => {
    const server = await startObsvty(t);
    const good = { traceId: base64(traceId), spanId: base64(spanId) };
    const request = { resourceSpans: [{ scopeSpans: [{ spans: [{ ...good, kind: "no kind" }, good] }] }] };
    const reply = await post(server.url, "traces", JSON.stringify(request));
    const { partialSuccess } = (await reply.json()) as { partialSuccess: { rejectedSpans: string } };
    assert.equal(partialSuccess.rejectedSpans, "1");
    assert.equal((await statsOf(server)).traces.accepted, 1);
  });

  test("a Connect export in JSON with ids in base64 is kept", async (t) => {
    const server = await startObsvty(t);
    const request = spans({ traceId: base64(traceId), spanId: base64(spanId) });
    assert.equal((await post(server.url, "traces", JSON.stringify(request))).status, 200);
    assert.equal((await statsOf(server)).traces.accepted, 1);
  });
});

for (const [protocol, headers] of [
  ["gRPC-Web", { "content-type": "application/grpc-web+proto", "grpc-timeout": "20m" }],
  ["Connect", { "content-type": "application/proto", "connect-timeout-ms": "20" }],
] as const) {
  test(`an export by ${protocol} whose body stops half-way ends with its caller's deadline`, async (t) => {
    const server = await startObsvty(t);
    const { stream, reply } = startCall(connectHttp2(t, server), exportPath("traces"), headers);
    stream.write(Buffer.alloc(3));
    const { httpStatus, grpcStatus, body } = await reply;
    const { code } = protocol === "Connect" ? JSON.parse(body.toString()) : { code: grpcStatus };
    assert.deepEqual([httpStatus, code], protocol === "Connect" ? [504, "deadline_exceeded"] : [200, 4]);
  });
}

describe("an export in Connect's binary", () => {
  const body = toBinary(requestSchemas.traces, makeTraceRequest({ count: 60 }));
  for (const [encoding, compress] of [
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
    ["deflate", deflateSync],
  ] as const) {
    test(`a Connect export in protobuf is inflated from ${encoding}, within the limit`, async (t) => {
      const server = await startObsvty(t, {
        settings: { MAX_RECEIVE_MESSAGE_LENGTH: String(body.byteLength) },
      });
      const headers = { "content-encoding": encoding };
      assert.equal((await post(server.url, "traces", compress(body), headers)).status, 200);
      const over = await post(server.url, "traces", compress(Buffer.alloc(body.byteLength + 1)), headers);
      assert.equal(((await over.json()) as { code: string }).code, "resource_exhausted");
      const broken = await post(server.url, "traces", Buffer.alloc(100, 7), headers);
      assert.equal(broken.status, 400);
      assert.equal((await statsOf(server)).traces.accepted, 60);
    });
  }
});
