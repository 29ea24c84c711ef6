import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { exportPath } from "../../src/domain/signal.ts";
import { setFaults } from "../support/fault-service.ts";
import { query, startObsvty, statsOf } from "../support/obsvty.ts";
import { call, frame } from "../support/raw-grpc.ts";
import { connectHttp2, type LogLine, type TestServer } from "../support/server.ts";
import { lengthDelimited, traceRequest } from "../support/wire.ts";

// What real exporters send as OTLP/JSON, and what becomes of it.

const traceId = "5b8efff798038103d269b633813fc60c";
const span = (members: object) => ({
  traceId,
  spanId: "eee19b7ec3c1b174",
  name: "kept",
  startTimeUnixNano: "1795656000000000000",
  endTimeUnixNano: "1795656000100000000",
  ...members,
});

async function exportJson({ url }: Pick<TestServer, "url">, path: string, body: string | object) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const headers = { "content-type": "application/json" };
  const response = await fetch(url + path, { method: "POST", headers, body: text });
  return { status: response.status, answer: await response.json() };
}

const traces = (...spans: object[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const logs = (...logRecords: object[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });

describe("odd values in an OTLP/JSON export", () => {
  test("odd values in OTLP/JSON reject the spans that have them, by their positions in the request as it was sent", async (t) => {
    const server = await startObsvty(t);
    const request = traces(span({}), span({ traceId: "-" }), span({ spanId: "00" }), span({}));
    assert.deepEqual(await exportJson(server, "/v1/traces", request), {
      status: 200,
      answer: {
        partialSuccess: {
          rejectedSpans: "2",
          errorMessage:
            "2 spans rejected: trace_id must be a hex string (resource_spans[0].scope_spans[0].spans[1].trace_id); " +
            "span_id must be 8 bytes, got 1 (resource_spans[0].scope_spans[0].spans[2])",
        },
      },
    });
    const { accepted, rejected, refused } = (await statsOf(server)).traces;
    assert.deepEqual({ accepted, rejected, refused }, { accepted: 2, rejected: 2, refused: 0 });
  });

  test("odd ids in OTLP/JSON cost a log record nothing else", async (t) => {
    const server = await startObsvty(t);
    const ids = ["-", "5b8efff7-9803-8103-d269-b633813fc60c", "abc", "0".repeat(32)];
    const request = logs(...ids.map((id) => ({ traceId: id, spanId: id.slice(0, 16), severityText: id })));
    assert.deepEqual(await exportJson(server, "/v1/logs", request), { status: 200, answer: {} });
    const found = await query(server, "SearchLogs");
    assert.deepEqual(
      found.logs.map((log: Record<string, string>) => [log.severityText, log.traceId, log.spanId]),
      ids.map((id) => [id, "", ""]),
    );
  });

  test("an integer beyond int64, as the JavaScript exporter writes 2 ** 63, becomes a double", async (t) => {
    const server = await startObsvty(t);
    const attributes =
      '[{"key":"big","value":{"intValue":9223372036854776000}},{"key":"small","value":{"intValue":-9223372036854776000}}]';
    const body = JSON.stringify(logs({})).replace("{}", `{"attributes":${attributes}}`);
    assert.deepEqual(await exportJson(server, "/v1/logs", body), { status: 200, answer: {} });
    const [log] = (await query(server, "SearchLogs")).logs;
    assert.deepEqual(log.attributes, { big: 2 ** 63, small: -(2 ** 63) });
  });

  test("odd values in the envelope of OTLP/JSON refuse the request", async (t) => {
    const server = await startObsvty(t);
    const { status, answer } = await exportJson(server, "/v1/traces", {
      resourceSpans: [{ scopeSpans: {} }],
    });
    assert.equal(status, 400);
    assert.deepEqual(answer, { code: 3, message: "resource_spans[0].scope_spans: must be an array" });
  });
});

test("a span whose parent is all zero, sent as OTLP/JSON, is the root of its trace", async (t) => {
  const server = await startObsvty(t);
  await exportJson(server, "/v1/traces", traces(span({ parentSpanId: "0".repeat(16), name: "root" })));
  const { traces: found } = await query(server, "SearchTraces");
  assert.equal(found[0].rootName, "root");
  const { spans } = await query(server, "GetTrace", { traceId });
  assert.equal(spans[0].parentSpanId, "");
});

test("an OTLP/JSON export that leads to no items is answered with a warning", async (t) => {
  const server = await startObsvty(t);
  assert.deepEqual(await exportJson(server, "/v1/traces", logs({})), {
    status: 200,
    answer: {
      partialSuccess: {
        errorMessage:
          'the request leads to no spans; its first unknown field is "resourceLogs", which belongs to /v1/logs',
      },
    },
  });
});

describe("what a sender is told of a request that is kept in part is logged, once for each kind:", () => {
  const reasonOf = ({ level, msg, signal, protocol, remote, rejected, reason }: LogLine) => ({
    ...{ level, msg, signal, protocol, remote, rejected, reason },
  });
  const common = { level: 40, signal: "traces", remote: "127.0.0.1" };

  test("spans that are rejected are logged once for each kind, over every protocol", async (t) => {
    const server = await startObsvty(t);
    const bytes = Buffer.concat([traceRequest(lengthDelimited(1, Buffer.alloc(3)))]);
    const path = exportPath("traces");
    for (let times = 0; times < 2; times++) {
      const request = traces(span({ traceId: "-" }), span({ traceId: "-" }), span({}));
      await exportJson(server, "/v1/traces", request);
      assert.equal((await call(connectHttp2(t, server), path, frame(bytes))).grpcStatus, 0);
    }
    assert.deepEqual(server.logs.filter(({ level }) => level === 40).map(reasonOf), [
      {
        ...common,
        msg: "items rejected",
        protocol: "otlp-http",
        rejected: 2,
        reason:
          "2 spans rejected: trace_id must be a hex string " +
          "(resource_spans[0].scope_spans[0].spans[0].trace_id and 1 more)",
      },
      {
        ...common,
        msg: "items rejected",
        protocol: "grpc",
        rejected: 1,
        reason:
          "1 span rejected: trace_id must be 16 bytes, got 3 (resource_spans[0].scope_spans[0].spans[0])",
      },
    ]);
  });

  test("unknown fields of a request that leads to no items are logged once each", async (t) => {
    const server = await startObsvty(t);
    for (const name of ["instrumentationLibrarySpans", "instrumentationLibrarySpans", "other\n"]) {
      await exportJson(server, "/v1/traces", { resourceSpans: [{ [name]: [{}] }] });
    }
    assert.deepEqual(
      server.logs.filter(({ level }) => level === 40).map(reasonOf),
      ["instrumentationLibrarySpans", "other?"].map((name) => ({
        ...common,
        msg: "accepted with a warning",
        protocol: "otlp-http",
        rejected: 0,
        reason: `resource_spans[0] leads to no spans; its first unknown field is "${name}"`,
      })),
    );
  });

  test("a partial success that was scripted is not logged as a rejection", async (t) => {
    const server = await startObsvty(t, { settings: { FAULT_INJECTION: "true" } });
    await setFaults(server, { partialSuccess: { rejected: 3, message: "injected" } });
    const { answer } = await exportJson(server, "/v1/traces", traces(span({})));
    assert.deepEqual(answer, { partialSuccess: { rejectedSpans: "3", errorMessage: "injected" } });
    assert.deepEqual(
      server.logs.filter(({ msg }) => msg === "items rejected"),
      [],
    );
  });
});
