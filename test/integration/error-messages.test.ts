import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type DescMessage, fromJson, toBinary } from "@bufbuild/protobuf";
import { QueryService } from "../../gen/obsvty/v1/query_pb.ts";
import type { SettingKey } from "../../src/config/settings.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { callers, type ErrorCall } from "../support/error-reply.ts";
import { sendHttp } from "../support/http-call.ts";
import { startObsvty } from "../support/obsvty.ts";
import { frame } from "../support/raw-grpc.ts";
import { startServer } from "../support/server.ts";

type Protocol = keyof typeof callers;
type Settings = Partial<Record<SettingKey, string>>;

const getStats = "/obsvty.v1.QueryService/GetStats";
const exportTraces = exportPath("traces");
const sending: readonly (readonly [Protocol, ErrorCall])[] = [
  ["grpc", { path: exportTraces }],
  ["grpcWeb", { path: exportTraces }],
  ["connect", { path: exportTraces }],
  ["otlpProtobuf", { path: "/v1/traces" }],
  ["otlpJson", { path: "/v1/traces" }],
];
const reading: readonly (readonly [Protocol, ErrorCall])[] = [
  ["grpc", { path: getStats }],
  ["grpcWeb", { path: getStats }],
  ["connect", { path: getStats }],
];

describe("a caller without the token is told whose token is missing", () => {
  const settings = { INGEST_TOKEN: "in", API_TOKEN: "out" };
  for (const [calls, setting] of [
    [sending, "INGEST_TOKEN"],
    [reading, "API_TOKEN"],
  ] as const) {
    for (const [protocol, call] of calls) {
      test(`a caller without the token of ${setting} is told so over ${protocol}`, async (t) => {
        const server = await startServer(t, { settings });
        const without = await callers[protocol](t, server, call);
        assert.equal(without.message, `a bearer token is required: the server's ${setting}`);
        const headers = { authorization: "Bearer wrong" };
        const wrong = await callers[protocol](t, server, { ...call, headers });
        assert.equal(wrong.message, `the bearer token is not the server's ${setting}`);
      });
    }
  }
});

describe("a caller over its rate is told which setting limits it", () => {
  const settings: Settings = { RATE_LIMIT_MAX: "1", RATE_LIMIT_WINDOW_MS: "60000" };
  for (const [protocol, call] of [...sending, ...reading]) {
    test(`a caller over its rate is told over ${protocol} which setting limits it: ${call.path}`, async (t) => {
      const server = await startServer(t, { settings });
      await fetch(`${server.url}/an-unknown-path`);
      const { message } = await callers[protocol](t, server, call);
      assert.equal(
        message,
        "more than 1 request in 60000 ms from this address (the server's RATE_LIMIT_MAX)",
      );
    });
  }
});

test("a caller that may not read is told what to set, and that it has to send it", async (t) => {
  const server = await startServer(t);
  const headers = { "content-type": "application/json", host: "example.com" };
  const { body } = await sendHttp(t, "HTTP/1.1", server.url, { path: getStats, headers });
  assert.equal(
    JSON.parse(body.toString()).message,
    "reading is allowed from this machine through localhost; to read from elsewhere, start the server with " +
      "API_TOKEN and send it as a bearer token",
  );
});

describe("a wrong HTTP method is answered with the right ones", () => {
  for (const [path, method, message] of [
    ["/v1/traces", "GET", "/v1/traces takes POST"],
    ["/health", "POST", "/health takes GET or HEAD"],
    [getStats, "GET", `${getStats} takes POST`],
    [exportTraces, "GET", `${exportTraces} takes POST`],
  ] as const) {
    test(`a wrong HTTP method is answered with the right ones: ${method} ${path}`, async (t) => {
      const { url } = await startServer(t);
      const reply = await fetch(`${url}${path}`, { method });
      assert.equal(((await reply.json()) as { message: string }).message, message);
    });
  }
});

describe("a refusal spells a field as the request does", () => {
  for (const [method, request, inJson, inProtobuf] of [
    ["SearchSpans", { filter: { traceId: "abc" } }, "filter.traceId: ", "filter.trace_id: "],
    ["SearchSpans", { maxBytes: 2 ** 27 }, "maxBytes: ", "max_bytes: "],
    [
      "WaitFor",
      { spans: { minDuration: "1s", attributes: { a_b: "x" } }, timeout: "0s" },
      'failed on attributes["a_b"], minDuration',
      'failed on attributes["a_b"], min_duration',
    ],
  ] as const) {
    test(`a refusal spells a field as the request does: ${method} ${JSON.stringify(request)}`, async (t) => {
      const server = await startObsvty(t);
      const span = { traceId: "5b8efff798038103d269b633813fc60c", spanId: "eee19b7ec3c1b174", name: "a" };
      const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
      await callers.otlpJson(t, server, { path: "/v1/traces", body }).catch(() => {});
      const path = `/obsvty.v1.QueryService/${method}`;
      const overConnect = await callers.connect(t, server, { path, body: JSON.stringify(request) });
      assert.ok(overConnect.message.includes(inJson), overConnect.message);
      const { input } = QueryService.method[method === "WaitFor" ? "waitFor" : "searchSpans"];
      const message = frame(Buffer.from(toBinary<DescMessage>(input, fromJson<DescMessage>(input, request))));
      for (const protocol of ["grpc", "grpcWeb"] as const) {
        const seen = await callers[protocol](t, server, { path, body: message });
        assert.ok(seen.message.includes(inProtobuf), seen.message);
      }
    });
  }
});

describe("a request of the API that cannot be read is logged with the reason", () => {
  for (const [body, reason] of [
    ['{"filter":{"servce":"shop"}}', "filter.servce: no such field"],
    ['{"filter":{"traceId":"abc"}}', "filter.traceId: a trace id is 32 hex digits"],
    ["not json", "not JSON at position 0"],
  ] as const) {
    test(`a request that cannot be read is logged with the reason: ${body}`, async (t) => {
      const server = await startObsvty(t);
      const path = "/obsvty.v1.QueryService/SearchSpans";
      const { http, code, message } = await callers.connect(t, server, { path, body });
      assert.deepEqual([http, code, message], [400, "invalid_argument", reason]);
      const lines = server.logs.filter((line) => line.path === path);
      assert.deepEqual(
        lines.map((line) => ({ level: line.level, code: line.code, reason: line.reason })),
        [{ level: 40, code: "invalid-argument", reason }],
      );
    });
  }
});

describe("a content type that is not taken is named, with those that are:", () => {
  const form = "application/x-www-form-urlencoded";
  const known = "known are application/json, application/proto, application/grpc, application/grpc-web";
  for (const [path, type, message] of [
    [getStats, form, `the content type is ${form}; ${known}`],
    [getStats, "text/plain; charset=utf-8", `the content type is text/plain; ${known}`],
    [getStats, "", `there is no content type; ${known}`],
    [getStats, `x/${"secret".repeat(100)}`, `the content type is unknown; ${known}`],
    ["/v1/traces", form, `the content type is ${form}; known are application/x-protobuf, application/json`],
    [exportTraces, form, `the content type is ${form}; ${known}`],
    [
      "/obsvty.v1.QueryService/Tail",
      "application/json",
      "this method is a stream; the content type is application/json; known are application/connect+json, " +
        "application/connect+proto, application/grpc, application/grpc-web",
    ],
  ] as const) {
    test(`a content type that is not taken is named, with those that are: ${type.slice(0, 40)} to ${path}`, async (t) => {
      const { url } = await startServer(t);
      const call = { path, headers: { "content-type": type }, body: Buffer.from("{}") };
      const reply = await sendHttp(t, "HTTP/1.1", url, call);
      assert.equal(reply.status, 415);
      assert.equal(JSON.parse(reply.body.toString()).message, message);
    });
  }
});

test("an unknown encoding is named in the refusal, with those that are known", async (t) => {
  const server = await startServer(t);
  const headers = { "content-encoding": "br" };
  const { message } = await callers.otlpJson(t, server, { path: "/v1/traces", headers });
  assert.match(message, /^unknown content-encoding br; known are identity,gzip,/);
  const long = await callers.otlpJson(t, server, {
    path: "/v1/traces",
    headers: { "content-encoding": "secret".repeat(100) },
  });
  assert.match(long.message, /^unknown content-encoding; known are identity,gzip,/);
});

test("a browser at an unknown path is told where to look", async (t) => {
  const { url } = await startServer(t);
  const reply = await fetch(`${url}/ui`);
  assert.equal(reply.status, 404);
  assert.deepEqual(await reply.json(), {
    code: "unknown-method",
    message:
      "no such path; GET has /, which is a page, /health, /livez, /readyz and /metrics; telemetry is read with POST or with the command line",
  });
});
