import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { QueryService } from "../../gen/obsvty/v1/query_pb.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { ingestAll } from "../support/ingest.ts";
import { query, startObsvty } from "../support/obsvty.ts";
import { makeLogsRequest, makeTraceRequest } from "../support/otlp.ts";

const transports = {
  "Connect over HTTP/1.1": (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect JSON over HTTP/2": (baseUrl: string) =>
    createConnectTransport({ baseUrl, httpVersion: "2", useBinaryFormat: false }),
  "gRPC-Web over HTTP/1.1": (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  gRPC: (baseUrl: string) => createGrpcTransport({ baseUrl }),
};

describe("telemetry that arrived is read back", () => {
  for (const [name, createTransport] of Object.entries(transports)) {
    test(`spans are searched, read by trace and cleared over ${name}`, async (t) => {
      const server = await startObsvty(t);
      const bytes = toBinary(requestSchemas.traces, makeTraceRequest({ count: 5 }));
      await ingestAll(server.core.ingest, "traces", bytes);
      const client = createClient(QueryService, createTransport(server.url));
      const { spans, missed } = await client.searchSpans({ filter: { service: "shop" }, limit: 3 });
      assert.equal(spans.length, 3);
      assert.equal(missed, 0n);
      const trace = await client.getTrace({ traceId: spans[0]?.traceId ?? "" });
      assert.ok(trace.spans.some((span) => span.spanId === spans[0]?.spanId));
      await assert.rejects(client.getTrace({ traceId: "not hex" }), /invalid_argument.*trace_?id/i);
      await assert.rejects(client.getTrace({ traceId: `${"0".repeat(31)}1` }), /not_found/);
      assert.equal((await client.clear({})).cleared, 5n);
      assert.equal((await client.getStats({})).signals.traces?.items, 0n);
    });
  }
});

describe("an answer of 1,000 spans, encoded in slices,", () => {
  for (const [name, createTransport] of Object.entries(transports)) {
    test(`an answer of 1,000 spans over ${name} equals the same spans read in pages`, async (t) => {
      const server = await startObsvty(t);
      const start = server.core.reader.newestCursor();
      const bytes = toBinary(requestSchemas.traces, makeTraceRequest({ count: 1_000, spansPerTrace: 500 }));
      await ingestAll(server.core.ingest, "traces", bytes);
      const client = createClient(QueryService, createTransport(server.url));
      const long = await client.searchSpans({ limit: 1_000 });
      assert.equal(long.cursor, long.spans.at(-1)?.cursor);
      const pages: typeof long.spans = [];
      for (let after = start; pages.length < 1_000; ) {
        const page = await client.searchSpans({ limit: 199, after });
        pages.push(...page.spans);
        after = page.cursor;
      }
      assert.deepEqual(long.spans, pages);
      const trace = await client.getTrace({ traceId: long.spans[0]?.traceId ?? "" });
      assert.deepEqual(trace.spans, long.spans.slice(0, 500));
    });
  }

  test("an answer of 1,000 spans in JSON has the same text as short answers", async (t) => {
    const server = await startObsvty(t);
    const bytes = toBinary(requestSchemas.logs, makeLogsRequest({ count: 300 }));
    await ingestAll(server.core.ingest, "logs", bytes);
    const long = await query(server, "SearchLogs", { limit: 300 });
    const short = await query(server, "SearchLogs", { limit: 1 });
    assert.equal(long.logs.length, 300);
    assert.deepEqual(long.logs.at(-1), short.logs[0]);
    assert.deepEqual(Object.keys(long), Object.keys(short));
    assert.deepEqual([long.cursor, long.missed], [short.cursor, "0"]);
  });
});
