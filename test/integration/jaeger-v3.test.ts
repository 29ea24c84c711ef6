import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { writeJsonRequest } from "../../src/otlp/json/write-request.ts";
import { encode, resourceOf, spansWith } from "../contract/store-requests.ts";
import { sendHttp } from "../support/http-call.ts";
import { send, sendAll } from "../support/ingest.ts";
import { get, hex, spanId, startShop, traceId } from "../support/jaeger.ts";
import { startObsvty } from "../support/obsvty.ts";
import { makeTraceRequest } from "../support/otlp.ts";

interface ResourceSpans {
  readonly resource: { readonly attributes: readonly { key: string; value: { stringValue: string } }[] };
  readonly scopeSpans: readonly { readonly spans: readonly Record<string, unknown>[] }[];
}

const spansOf = (answer: { readonly result: { readonly resourceSpans: readonly ResourceSpans[] } }) =>
  answer.result.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId, name }) => [
        resource.attributes[0]?.value.stringValue,
        String(traceId).slice(0, 2),
        name,
      ]),
    ),
  );

// Grafana's pkg/tsdb/jaeger/grpc_client.go, which escapes all parameters but the times.
describe("clients of Jaeger's api_v3 over HTTP", () => {
  test("services and operations are listed by Jaeger's api_v3", async (t) => {
    const server = await startShop(t);
    assert.deepEqual(await get(server, "/api/v3/services"), { services: ["bank", "shop"] });
    const operations = [
      { name: "GET /cart", spanKind: "server" },
      { name: "POST /checkout", spanKind: "server" },
      { name: "charge", spanKind: "client" },
    ];
    assert.deepEqual(await get(server, "/api/v3/operations?service=shop"), { operations });
    for (const name of ["spanKind", "span_kind"]) {
      assert.deepEqual(await get(server, `/api/v3/operations?service=shop&${name}=client`), {
        operations: operations.slice(2),
      });
    }
    const { error } = await get(server, "/api/v3/operations", 400);
    assert.deepEqual(error, {
      grpcCode: 3,
      httpCode: 400,
      message: "service: is required",
      httpStatus: "Bad Request",
    });
  });

  test("a trace of Jaeger's api_v3 is OTLP/JSON in the envelope of a stream, whatever times are asked for", async (t) => {
    const server = await startShop(t);
    const times = "start_time=2020-01-01T00:00:00+01:00&end_time=2020-01-02T00:00:00Z";
    const answer = await get(server, `/api/v3/traces/${hex(1)}?${times}`);
    assert.deepEqual(Object.keys(answer), ["result"]);
    assert.deepEqual(spansOf(answer), [
      ["shop", "01", "POST /checkout"],
      ["shop", "01", "charge"],
      ["bank", "01", "POST /pay"],
    ]);
    const [span] = answer.result.resourceSpans[0].scopeSpans[0].spans;
    assert.equal(span.spanId, "01".repeat(8));
    assert.equal(span.startTimeUnixNano, "1795428000000000000");
    assert.equal(span.kind, 2);
  });

  test("a trace of Jaeger's api_v3 is answered with every field as it arrived", async (t) => {
    const server = await startObsvty(t);
    const request = makeTraceRequest({
      count: 20,
      spansPerTrace: 20,
      scope: { name: "s", version: "1", attributes: { a: 1 } },
    });
    Object.assign(request.resourceSpans[0]!, { schemaUrl: "https://example.com/resource" });
    Object.assign(request.resourceSpans[0]!.scopeSpans[0]!, { schemaUrl: "https://example.com/scope" });
    send(server, "traces", request);
    const id = Buffer.from(request.resourceSpans[0]!.scopeSpans[0]!.spans[0]!.traceId).toString("hex");
    const { result } = await get(server, `/api/v3/traces/${id}`);
    assert.deepEqual(result, JSON.parse(writeJsonRequest("traces", encode("traces", request))));
  });

  test("a search of Jaeger's api_v3 finds the same traces by parameters in camel case and in snake case", async (t) => {
    const server = await startShop(t);
    const found = async (query: string, status = 200) => {
      const answer = await get(server, `/api/v3/traces?${query}`, status);
      return status === 200 ? [...new Set(spansOf(answer).map(([, trace]) => trace))] : answer.error.message;
    };
    const times = {
      camel: "query.startTimeMin=2026-11-23T00:00:00Z&query.startTimeMax=2026-11-24T00:00:00.000000001Z",
      snake: "query.start_time_min=2026-11-23T00:00:00+01:00&query.start_time_max=2026-11-24T00:00:00Z",
    };
    assert.deepEqual(await found(`${times.camel}&query.serviceName=shop&query.searchDepth=20`), ["02", "01"]);
    assert.deepEqual(await found(`${times.snake}&query.service_name=shop&query.search_depth=1`), ["02"]);
    assert.deepEqual(await found(`${times.snake}&query.service_name=shop&query.num_traces=1`), ["02"]);
    assert.deepEqual(await found("query.serviceName=shop&query.operationName=charge"), ["01"]);
    assert.deepEqual(await found("query.service_name=shop&query.operation_name=charge"), ["01"]);
    assert.deepEqual(await found("query.serviceName=shop&query.durationMin=90ms&query.durationMax=1s"), [
      "01",
    ]);
    assert.deepEqual(await found("query.service_name=shop&query.duration_min=1ms&query.duration_max=5ms"), [
      "02",
    ]);
    assert.deepEqual(await found("query.attributes=%7B%22error%22%3A%22true%22%7D"), ["01"]);
    assert.deepEqual(await found("query.startTimeMin=2026-11-23T10:01:00Z"), ["02"]);
    // The last time is exclusive.
    assert.deepEqual(await found("query.startTimeMax=2026-11-23T10:01:00Z"), ["01"]);
    assert.equal(await found("query.serviceName=nobody", 404), "no traces found");
    assert.match(await found("query.startTimeMin=yesterday", 400), /^query.startTimeMin: /);
    assert.match(await found("query.duration_min=5", 400), /^query.duration_min: /);
    assert.match(await found("query.searchDepth=0", 400), /^query.searchDepth: /);
    assert.match(await found("query.attributes=a", 400), /^query.attributes: /);
    assert.match(await found("query.filter=%7B%7D", 400), /^query.filter: is not supported/);
    const backwards = "query.startTimeMin=2026-11-24T00:00:00Z&query.startTimeMax=2026-11-23T00:00:00Z";
    assert.match(await found(backwards, 400), /^query.startTimeMax: must not be before query.startTimeMin/);
  });

  test("summaries of Jaeger's api_v3 tell of each trace what a list of results shows", async (t) => {
    const server = await startShop(t);
    const orphan = spansWith({
      traceId: traceId(3),
      parentSpanId: spanId(9),
      startTimeUnixNano: 0n,
      endTimeUnixNano: 0n,
    });
    orphan.resourceSpans[0]!.resource = resourceOf({});
    send(server, "traces", orphan);
    assert.deepEqual(await get(server, "/api/v3/trace-summaries?query.searchDepth=3"), {
      summaries: [
        {
          traceId: hex(3),
          rootServiceName: "",
          rootOperationName: "",
          minStartTimeUnixNano: "0",
          maxEndTimeUnixNano: "0",
          spanCount: 1,
          errorSpanCount: 0,
          orphanSpanCount: 1,
          services: [{ name: "OTLPResourceNoServiceName", spanCount: 1, errorSpanCount: 0 }],
        },
        {
          traceId: hex(2),
          rootServiceName: "shop",
          rootOperationName: "GET /cart",
          minStartTimeUnixNano: "1795428060000000000",
          maxEndTimeUnixNano: "1795428060005000000",
          spanCount: 1,
          errorSpanCount: 0,
          orphanSpanCount: 0,
          services: [{ name: "shop", spanCount: 1, errorSpanCount: 0 }],
        },
        {
          traceId: hex(1),
          rootServiceName: "shop",
          rootOperationName: "POST /checkout",
          minStartTimeUnixNano: "1795428000000000000",
          maxEndTimeUnixNano: "1795428000100000000",
          spanCount: 3,
          errorSpanCount: 2,
          orphanSpanCount: 0,
          services: [
            { name: "bank", spanCount: 1, errorSpanCount: 1 },
            { name: "shop", spanCount: 2, errorSpanCount: 1 },
          ],
        },
      ],
    });
    assert.deepEqual(await get(server, "/api/v3/trace-summaries?query.serviceName=nobody"), {
      summaries: [],
    });
  });

  test("dependencies of Jaeger's api_v3 are counted as protobuf's JSON writes 64-bit integers", async (t) => {
    const server = await startShop(t);
    const times = "startTime=2026-11-23T00:00:00Z&endTime=2026-11-24T00:00:00Z";
    assert.deepEqual(await get(server, `/api/v3/dependencies?${times}`), {
      dependencies: [{ parent: "shop", child: "bank", callCount: "1" }],
    });
  });

  for (const version of ["HTTP/1.1", "HTTP/2"] as const) {
    test(`many traces of Jaeger's api_v3 over ${version} are one document, and their memory is given back`, async (t) => {
      const server = await startObsvty(t);
      await sendAll(server, "traces", makeTraceRequest({ count: 3_000, spansPerTrace: 1_000 }));
      const call = { path: "/api/v3/traces?query.serviceName=shop", method: "GET" };
      const { status, body, headers } = await sendHttp(t, version, server.url, call);
      assert.equal(status, 200);
      assert.equal(headers["content-type"], "application/json");
      assert.equal(spansOf(JSON.parse(body.toString())).length, 3_000);
      assert.equal(server.core.answers.bytes, 0);
    });
  }

  test("a trace that is not held is a 404 of Jaeger's api_v3 with the codes of gRPC and of HTTP", async (t) => {
    const server = await startShop(t);
    const { error } = await get(server, `/api/v3/traces/${hex(9)}`, 404);
    assert.deepEqual(error, {
      grpcCode: 5,
      httpCode: 404,
      message: "no traces found",
      httpStatus: "Not Found",
    });
    assert.match((await get(server, "/api/v3/traces/no-id", 400)).error.message, /^trace_id: /);
  });

  test("with API_TOKEN, Jaeger's api_v3 over HTTP asks for it", async (t) => {
    const server = await startObsvty(t, { settings: { API_TOKEN: "s3cret" } });
    const { error } = await get(server, "/api/v3/services", 401);
    assert.deepEqual([error.grpcCode, error.httpCode], [16, 401]);
  });
});
