import assert from "node:assert/strict";
import { connect as connectTcp } from "node:net";
import { describe, type TestContext, test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import {
  GetTraceResponseSchema,
  QueryService,
  SearchSpansResponseSchema,
  WaitForResponseSchema,
} from "../../gen/obsvty/v1/query_pb.ts";
import { spansWith } from "../contract/store-requests.ts";
import { sendAll } from "../support/ingest.ts";
import { eventually, query, startObsvty } from "../support/obsvty.ts";
import { makeAttributes } from "../support/otlp-attributes.ts";
import type { TestServer } from "../support/server.ts";

const mib = 2 ** 20;
const traceId = Buffer.alloc(16, 0xaa);
const largeBytes = 400_000;
const spanCount = 2_000;

/**
 * A server that holds one export of half a megabyte: one resource of 0.4 MB and many small spans. Each span is
 * answered with its resource, so that all of them together would take 800 MB.
 */
async function startFilled(t: TestContext, settings = {}): Promise<TestServer> {
  const server = await startObsvty(t, { settings });
  const request = spansWith(...Array.from({ length: spanCount }, (_, i) => ({ traceId, name: `span ${i}` })));
  request.resourceSpans[0]!.resource!.attributes.push(...makeAttributes({ large: "x".repeat(largeBytes) }));
  await sendAll(server, "traces", request);
  return server;
}

/** The body of an answer in Connect's protocol, whose bytes are those of the message. */
async function bodyOf({ url }: TestServer, type: "json" | "proto", method: string, body: object) {
  const { input } = QueryService.method[`${method[0]?.toLowerCase()}${method.slice(1)}` as "searchSpans"];
  const response = await fetch(`${url}/obsvty.v1.QueryService/${method}`, {
    method: "POST",
    headers: { "content-type": `application/${type}`, "accept-encoding": "identity" },
    body: type === "json" ? JSON.stringify(body) : toBinary(input, create(input, body)),
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  assert.equal(response.status, 200, Buffer.from(bytes.subarray(0, 500)).toString());
  return bytes;
}

describe("an answer with a large resource in each item is bounded by max_bytes as it is sent:", () => {
  const schemas = {
    SearchSpans: SearchSpansResponseSchema,
    GetTrace: GetTraceResponseSchema,
    WaitFor: WaitForResponseSchema,
  } as const;
  const hexId = traceId.toString("hex");
  for (const [method, request] of [
    ["SearchSpans", { limit: 10_000 }],
    ["GetTrace", { traceId: hexId }],
    ["WaitFor", { minCount: spanCount }],
  ] as const) {
    for (const type of ["json", "proto"] as const) {
      test(`an answer of ${method} in ${type} with a large resource in each item is bounded by max_bytes as it is sent`, async (t) => {
        const server = await startFilled(t);
        const items = type === "json" ? { spans: {} } : { filter: { case: "spans", value: {} } };
        const wanted = method === "WaitFor" ? { ...request, ...items } : request;
        for (const maxBytes of [0, 1, 2 * mib, 10 * mib]) {
          const bytes = await bodyOf(server, type, method, { ...wanted, maxBytes });
          const count =
            type === "json"
              ? JSON.parse(Buffer.from(bytes).toString()).spans.length
              : fromBinary(schemas[method], bytes).spans.length;
          const bound = maxBytes || 3 * mib;
          // As many as fit, and one in any case.
          assert.equal(count, Math.max(1, Math.floor(bound / (largeBytes + 1_000))));
          if (count > 1) assert.ok(bytes.byteLength <= bound, `${bytes.byteLength} bytes`);
        }
      });
    }
  }
});

const transports = {
  Connect: (baseUrl: string) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", readMaxBytes: 4 * mib }),
  "gRPC-Web": (baseUrl: string) =>
    createGrpcWebTransport({ baseUrl, httpVersion: "1.1", readMaxBytes: 4 * mib }),
  gRPC: (baseUrl: string) => createGrpcTransport({ baseUrl, readMaxBytes: 4 * mib }),
};

for (const [name, createTransport] of Object.entries(transports)) {
  test(`a client of ${name} that takes 4 MiB reads everything in pages, and tails it`, async (t) => {
    const server = await startObsvty(t);
    const start = server.core.reader.newestCursor();
    const request = spansWith(...Array.from({ length: 25 }, (_, i) => ({ traceId, name: `span ${i}` })));
    request.resourceSpans[0]!.resource!.attributes.push(...makeAttributes({ large: "x".repeat(largeBytes) }));
    await sendAll(server, "traces", request);
    const client = createClient(QueryService, createTransport(server.url));
    const expected = Array.from({ length: 25 }, (_, i) => `span ${i}`);
    const back: string[] = [];
    for (let before = "", isFirst = true; isFirst || before !== ""; isFirst = false) {
      const page = await client.searchSpans({ limit: 10_000, before });
      back.unshift(...page.spans.map((span) => span.name));
      before = page.previous;
    }
    assert.deepEqual(back, expected);
    const trace: string[] = [];
    for (let after = "", count = 1; count > 0; ) {
      const page = await client.getTrace({ traceId: traceId.toString("hex"), after });
      count = page.spans.length;
      trace.push(...page.spans.map((span) => span.name));
      after = page.cursor;
    }
    assert.deepEqual(trace.toSorted(), expected.toSorted());
    const tailed: string[] = [];
    const leave = new AbortController();
    const tail = client.tail(
      { filter: { case: "spans", value: {} }, after: start },
      { signal: leave.signal },
    );
    for await (const { spans } of tail) {
      tailed.push(...spans.map((span) => span.name));
      if (tailed.length === expected.length) break;
    }
    leave.abort();
    assert.deepEqual(tailed, expected);
  });
}

describe("answers that are being made", () => {
  test("answers that are being made share MAX_QUERY_BYTES, and one too many is refused with a hint when to retry", async (t) => {
    const server = await startFilled(t, { MAX_QUERY_BYTES: String(mib) });
    const other = server.core.answers.open();
    other.take(900_000);
    const client = createClient(QueryService, createGrpcTransport({ baseUrl: server.url }));
    await assert.rejects(client.searchSpans({}), (reason) => {
      assert.ok(reason instanceof ConnectError);
      assert.equal(reason.code, Code.ResourceExhausted);
      assert.match(reason.rawMessage, /MAX_QUERY_BYTES/);
      assert.ok(reason.details.length > 0, "it says when to retry");
      return true;
    });
    const refused = await fetch(`${server.url}/obsvty.v1.QueryService/SearchSpans`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    assert.deepEqual([refused.status, refused.headers.has("retry-after")], [429, true]);
    await refused.text();
    other.release();
    const { spans } = await query(server, "SearchSpans", { limit: 10_000 });
    assert.equal(spans.length, 2);
  });

  test("answers count in MAX_QUERY_BYTES for as long as their callers do not read them", async (t) => {
    const server = await startFilled(t);
    const { answers } = server.core;
    const body = JSON.stringify({ limit: 10_000, maxBytes: 32 * mib });
    const socket = connectTcp({ host: "127.0.0.1", port: server.port });
    t.after(() => socket.destroy());
    socket.pause();
    socket.write(
      `POST /obsvty.v1.QueryService/SearchSpans HTTP/1.1\r\nhost: localhost\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await eventually("the answer is made", () => answers.bytes > 30 * mib || undefined);
    // More than the system takes off the server's hands: it is still there after another whole call.
    await query(server, "SearchSpans", { limit: 1 });
    assert.ok(answers.bytes > 30 * mib);
    socket.destroy();
    await eventually("the memory is free", () => answers.bytes === 0 || undefined);
  });

  test("answers give their memory back when they have been sent, in every protocol", async (t) => {
    const server = await startFilled(t, { MAX_QUERY_BYTES: String(4 * mib) });
    for (const createTransport of Object.values(transports)) {
      const client = createClient(QueryService, createTransport(server.url));
      // More than the memory for all of them would let through together.
      for (let i = 0; i < 4; i++) {
        assert.equal((await client.searchSpans({ limit: 10_000 })).spans.length, 7);
      }
    }
    const { answers } = server.core;
    await eventually("all memory for answers is free", () => answers.bytes === 0 || undefined);
  });
});
