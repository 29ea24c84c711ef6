import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { deflateSync, gzipSync } from "node:zlib";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ExportTraceServiceResponseSchema } from "../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import type { ReadingResources } from "../../src/adapters/inbound/body/body-reader.ts";
import type { IngestOutcome } from "../../src/domain/outcome.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { lz4Frame, snappyBlock, snappyFrames } from "../support/compress.ts";
import { sendHttp } from "../support/http-call.ts";
import { deepSpan, malformedRequests } from "../support/malformed.ts";
import { startObsvty, statsOf } from "../support/obsvty.ts";
import { makeTraceRequest } from "../support/otlp.ts";
import { frame } from "../support/raw-grpc.ts";
import { fakeCore, startServer } from "../support/server.ts";
import { ways } from "../support/ways-in.ts";
import { lengthDelimited, spanIdBytes, traceRequest, validSpanFields } from "../support/wire.ts";

// The same exports over every protocol: the table of statuses holds for each in its own terms.

const trace = toBinary(requestSchemas.traces, makeTraceRequest({ count: 3 }));

const longTrace = toBinary(requestSchemas.traces, makeTraceRequest({ count: 2_300 }));

/** Over the limit. The formats that Node does not write are not compressed here, so it is so as sent too. */
const tooMuch = Buffer.alloc(100_001);

const collectorEncodings = [
  ["zlib", deflateSync],
  ["snappy", snappyBlock],
  ["snappy", snappyFrames],
  ["x-snappy-framed", snappyFrames],
  ["lz4", lz4Frame],
] as const;

for (const { name, transport, fastPath, send } of ways) {
  const start = (t: TestContext, settings = {}) => startObsvty(t, { settings, fastPath });

  describe(`an export by ${name}`, () => {
    for (const encoding of [undefined, "gzip"]) {
      test(`an export by ${name} is answered with an empty message, encoding ${encoding ?? "identity"}`, async (t) => {
        const server = await start(t);
        const body = encoding === undefined ? trace : gzipSync(trace);
        const answer = await send(t, server, { body, ...(encoding && { encoding }) });
        assert.deepEqual([answer.code, answer.message.byteLength], [0, 0]);
        assert.equal((await statsOf(server)).traces.items, 3);
      });
    }

    test(`an export of an empty message by ${name} is accepted`, async (t) => {
      assert.equal((await send(t, await start(t), { body: new Uint8Array() })).code, 0);
    });

    test(`an export by ${name} with one invalid span keeps the other, and both are counted`, async (t) => {
      const server = await start(t);
      const body = traceRequest(validSpanFields, lengthDelimited(2, spanIdBytes));
      const { code, message } = await send(t, server, { body });
      assert.equal(code, 0);
      assert.equal(fromBinary(ExportTraceServiceResponseSchema, message).partialSuccess?.rejectedSpans, 1n);
      const { accepted, rejected } = (await statsOf(server)).traces;
      assert.deepEqual({ accepted, rejected }, { accepted: 1, rejected: 1 });
    });

    for (const encoding of [undefined, "gzip"]) {
      test(`an export of a megabyte by ${name}, ${encoding ?? "identity"}, is taken in steps and holds nothing afterwards`, async (t) => {
        const server = await startObsvty(t);
        const { inflight } = server.app.getDecorator<ReadingResources>("bodies");
        const body = encoding === undefined ? longTrace : gzipSync(longTrace);
        const sending = { body, ...(encoding && { encoding }) };
        for (const answer of await Promise.all([1, 2, 3].map(() => send(t, server, sending)))) {
          assert.deepEqual([answer.code, answer.message.byteLength], [0, 0]);
        }
        assert.equal((await statsOf(server)).traces.items, 3 * 2_300);
        assert.equal(inflight.held, 0);
      });
    }

    test(`an export by ${name} with a span nested too deep keeps the others`, async (t) => {
      const server = await start(t);
      const { code, message } = await send(t, server, { body: traceRequest(validSpanFields, deepSpan(66)) });
      const { partialSuccess } = fromBinary(ExportTraceServiceResponseSchema, message);
      assert.deepEqual(
        [code, partialSuccess?.rejectedSpans, partialSuccess?.errorMessage],
        [
          0,
          1n,
          "1 span rejected: nested deeper than 64 messages (resource_spans[0].scope_spans[0].spans[1])",
        ],
      );
      const { items, accepted, rejected } = (await statsOf(server)).traces;
      assert.deepEqual({ items, accepted, rejected }, { items: 1, accepted: 1, rejected: 1 });
    });

    test(`an export of an odd span by ${name} is kept, and warned of with VALIDATION=strict alone`, async (t) => {
      const body = traceRequest(validSpanFields);
      const lenient = await send(t, await start(t), { body });
      assert.deepEqual([lenient.code, lenient.message.byteLength], [0, 0]);
      const server = await start(t, { VALIDATION: "strict" });
      const { code, message } = await send(t, server, { body });
      const { partialSuccess } = fromBinary(ExportTraceServiceResponseSchema, message);
      assert.deepEqual(
        [code, partialSuccess?.rejectedSpans, partialSuccess?.errorMessage],
        [0, 0n, "warnings: name is empty (resource_spans[0].scope_spans[0].spans[0])"],
      );
      const { items, accepted, rejected } = (await statsOf(server)).traces;
      assert.deepEqual({ items, accepted, rejected }, { items: 1, accepted: 1, rejected: 0 });
      assert.equal((await send(t, server, { body: trace })).message.byteLength, 0);
    });

    test(`an export by ${name} of bytes that are not the message is refused for good, with the path and the byte`, async (t) => {
      const server = await start(t);
      for (const { name: what, bytes, message } of malformedRequests) {
        const { code, hasRetryHint, refusal } = await send(t, server, { body: bytes });
        assert.deepEqual([code, hasRetryHint], [3, false], what);
        assert.ok(refusal.startsWith(message), refusal);
      }
      const { accepted, refused } = (await statsOf(server)).traces;
      assert.deepEqual({ accepted, refused }, { accepted: 0, refused: malformedRequests.length });
    });

    test(`an export by ${name} over the limit is refused for good, as sent and after inflating`, async (t) => {
      const server = await start(t, { MAX_RECEIVE_MESSAGE_LENGTH: String(trace.byteLength) });
      assert.equal((await send(t, server, { body: trace })).code, 0);
      const over = Buffer.concat([trace, Uint8Array.of(0x0a, 0x00)]);
      for (const sending of [{ body: over }, { body: gzipSync(Buffer.alloc(5_000_000)), encoding: "gzip" }]) {
        const { code, hasRetryHint, refusal } = await send(t, server, sending);
        assert.deepEqual([code, hasRetryHint], [8, false]);
        // An exporter drops the batch for good, so its log has to say what to turn.
        assert.match(refusal, /MAX_RECEIVE_MESSAGE_LENGTH/);
      }
      assert.equal((await statsOf(server)).traces.refused, 2);
      const refusals = server.logs.filter(({ msg }) => msg === "refused");
      assert.match(JSON.stringify(refusals), /MAX_RECEIVE_MESSAGE_LENGTH.*MAX_RECEIVE_MESSAGE_LENGTH/);
    });

    test(`an export by ${name} in an unknown encoding is refused as UNIMPLEMENTED`, async (t) => {
      const server = await start(t);
      assert.equal((await send(t, server, { body: trace, encoding: "br" })).code, 12);
      assert.equal((await statsOf(server)).traces.refused, 1);
    });

    for (const [encoding, compress] of collectorEncodings) {
      test(`an export by ${name} in the Collector's ${encoding} (${compress.name}) is accepted, and refused over the limit`, async (t) => {
        const server = await start(t, { MAX_RECEIVE_MESSAGE_LENGTH: "100000" });
        assert.equal((await send(t, server, { body: compress(trace), encoding })).code, 0);
        assert.equal((await statsOf(server)).traces.items, 3);
        const { code, refusal } = await send(t, server, { body: compress(tooMuch), encoding });
        assert.deepEqual([code, /MAX_RECEIVE_MESSAGE_LENGTH/.test(refusal)], [8, true]);
      });
    }

    test(`an export by ${name} is accepted when its encoding stands in a list with identity`, async (t) => {
      const sending = { body: gzipSync(trace), encoding: "gzip, identity" };
      assert.equal((await send(t, await start(t), sending)).code, 0);
    });

    test(`an export by ${name} that does not inflate is refused as the caller's mistake`, async (t) => {
      const sending = { body: Buffer.alloc(100, 7), encoding: "gzip" };
      const { code, hasRetryHint } = await send(t, await start(t), sending);
      // gRPC calls it INTERNAL (its compression.md), over HTTP it is a bad request.
      assert.deepEqual([code, hasRetryHint], [transport.startsWith("grpc") ? 13 : 3, false]);
    });

    test(`an export by ${name} over the rate limit is refused with a retry hint`, async (t) => {
      const server = await start(t, { RATE_LIMIT_MAX: "1", RATE_LIMIT_WINDOW_MS: "60000" });
      assert.equal((await send(t, server, { body: trace })).code, 0);
      const { code, hasRetryHint } = await send(t, server, { body: trace });
      assert.deepEqual([code, hasRetryHint], [8, true]);
    });

    test(`an export by ${name} over MAX_INFLIGHT_BYTES is refused with a retry hint`, async (t) => {
      const max = String(trace.byteLength + 100);
      const server = await start(t, { MAX_RECEIVE_MESSAGE_LENGTH: max, MAX_INFLIGHT_BYTES: max });
      const { inflight } = server.app.getDecorator<ReadingResources>("bodies");
      // As if another caller were slow to send its body.
      inflight.hold(200, 200);
      const { code, hasRetryHint } = await send(t, server, { body: trace });
      assert.deepEqual([code, hasRetryHint], [14, true]);
      inflight.release(200);
      assert.equal(inflight.held, 0);
      assert.equal((await send(t, server, { body: trace })).code, 0);
      assert.equal(inflight.held, 0);
    });

    test(`an export by ${name} whose inflated bytes have no room beside other requests is refused with a retry hint`, async (t) => {
      const max = String(2 ** 21);
      const server = await start(t, { MAX_RECEIVE_MESSAGE_LENGTH: max, MAX_INFLIGHT_BYTES: max });
      const { inflight } = server.app.getDecorator<ReadingResources>("bodies");
      // Inflates to more than is inflated on the spot; an unknown field of the request.
      const body = gzipSync(lengthDelimited(1000, Buffer.alloc(1_500_000)));
      inflight.hold(1, 1);
      const { code, hasRetryHint } = await send(t, server, { body, encoding: "gzip" });
      assert.deepEqual([code, hasRetryHint], [14, true]);
      inflight.release(1);
      assert.equal((await send(t, server, { body, encoding: "gzip" })).code, 0);
      assert.equal(inflight.held, 0);
    });

    test(`a long export by ${name} that is inflated on the spot needs room for its inflated bytes`, async (t) => {
      const max = String(2 ** 20);
      const server = await start(t, { MAX_RECEIVE_MESSAGE_LENGTH: max, MAX_INFLIGHT_BYTES: max });
      const { inflight } = server.app.getDecorator<ReadingResources>("bodies");
      // More than is taken in one step; an unknown field of the request.
      const body = gzipSync(lengthDelimited(1000, Buffer.alloc(500_000)));
      inflight.hold(600_000, 600_000);
      const { code, hasRetryHint } = await send(t, server, { body, encoding: "gzip" });
      assert.deepEqual([code, hasRetryHint], [14, true]);
      inflight.release(600_000);
      assert.equal((await send(t, server, { body, encoding: "gzip" })).code, 0);
      assert.equal(inflight.held, 0);
    });

    test(`an export by ${name} whose ingestion has to wait is answered when that is done`, async (t) => {
      const { promise, resolve } = Promise.withResolvers<IngestOutcome>();
      const core = { ...fakeCore(), ingest: () => promise };
      const server = await startServer(t, { core, fastPath });
      const answers = [send(t, server, { body: trace }), send(t, server, { body: trace })];
      resolve({ kind: "partly-accepted", items: 1, rejected: 2, message: "late" });
      for (const { code, message } of await Promise.all(answers)) {
        assert.equal(code, 0);
        const { partialSuccess } = fromBinary(ExportTraceServiceResponseSchema, message);
        assert.deepEqual([partialSuccess?.rejectedSpans, partialSuccess?.errorMessage], [2n, "late"]);
      }
    });

    test(`an export by ${name} needs INGEST_TOKEN when that is set`, async (t) => {
      const server = await start(t, { INGEST_TOKEN: "right" });
      assert.equal((await send(t, server, { body: trace })).code, 16);
      assert.equal((await send(t, server, { body: trace, token: "wrong" })).code, 16);
      assert.equal((await send(t, server, { body: trace, token: "right" })).code, 0);
    });
  });
}

describe("an export in JSON that is longer in protobuf needs room for what it becomes", () => {
  // Each bound of a histogram becomes eight bytes.
  const dataPoints = [{ timeUnixNano: "1", explicitBounds: Array(50_000).fill(0) }];
  const request = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ histogram: { dataPoints } }] }] }] };
  const json = Buffer.from(JSON.stringify(request));
  for (const [what, path, type] of [
    ["OTLP/HTTP", "/v1/metrics", "application/json"],
    ["Connect", exportPath("metrics"), "application/json"],
    ["gRPC-Web", exportPath("metrics"), "application/grpc-web+json"],
    ["native gRPC", exportPath("metrics"), "application/grpc+json"],
  ] as const) {
    test(`an export in JSON by ${what} that is longer in protobuf needs room for what it becomes`, async (t) => {
      const max = String(2 ** 20);
      const settings = { MAX_RECEIVE_MESSAGE_LENGTH: max, MAX_INFLIGHT_BYTES: max };
      const server = await startObsvty(t, { settings });
      const { inflight } = server.app.getDecorator<ReadingResources>("bodies");
      const body = type.includes("grpc") ? frame(json) : json;
      const headers = { "content-type": type, te: "trailers" };
      const send = () => sendHttp(t, "HTTP/2", server.url, { path, headers, body });
      inflight.hold(600_000, 600_000);
      const refused = await send();
      assert.match(
        `${refused.body} ${decodeURIComponent(String(refused.headers["grpc-message"]))}`,
        /the server is reading more than 1048576 bytes of requests/,
      );
      inflight.release(600_000);
      assert.equal((await send()).status, 200);
      assert.equal(inflight.held, 0);
    });
  }
});

describe("an export in JSON with a span nested too deep", () => {
  const hex = { traceId: "ab".repeat(16), spanId: "cd".repeat(8) };
  const base64 = {
    traceId: Buffer.from(hex.traceId, "hex").toString("base64"),
    spanId: Buffer.from(hex.spanId, "hex").toString("base64"),
  };
  for (const [what, path, type, ids] of [
    ["OTLP/HTTP", "/v1/traces", "application/json", hex],
    ["Connect", exportPath("traces"), "application/json", base64],
    ["gRPC-Web", exportPath("traces"), "application/grpc-web+json", base64],
    ["native gRPC", exportPath("traces"), "application/grpc+json", base64],
  ] as const) {
    test(`an export in JSON by ${what} with a span nested too deep keeps the others`, async (t) => {
      const server = await startObsvty(t);
      let value: object = { intValue: "1" };
      for (let i = 0; i < 40; i++) value = { arrayValue: { values: [value] } };
      const spans = [ids, { ...ids, attributes: [{ key: "deep", value }] }];
      const json = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
      const body = type.includes("grpc") ? frame(json) : json;
      const headers = { "content-type": type, te: "trailers" };
      const reply = await sendHttp(t, "HTTP/2", server.url, { path, headers, body });
      assert.equal(reply.status, 200);
      assert.match(
        reply.body.toString(),
        /1 span rejected: .* is nested deeper than 64 messages \(resource_spans\[0\]\.scope_spans\[0\]\.spans\[1\]/,
      );
      const { items, accepted, rejected } = (await statsOf(server)).traces;
      assert.deepEqual({ items, accepted, rejected }, { items: 1, accepted: 1, rejected: 1 });
    });
  }
});
