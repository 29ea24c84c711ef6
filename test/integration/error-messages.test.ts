import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { SettingKey } from "../../src/config/settings.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { callers, type ErrorCall } from "../support/error-reply.ts";
import { sendHttp } from "../support/http-call.ts";
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
      test(`${setting} over ${protocol}`, async (t) => {
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
    test(`over ${protocol}: ${call.path}`, async (t) => {
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
    test(`${method} ${path}`, async (t) => {
      const { url } = await startServer(t);
      const reply = await fetch(`${url}${path}`, { method });
      assert.equal(((await reply.json()) as { message: string }).message, message);
    });
  }
});

test("a browser at / is told where to look", async (t) => {
  const { url } = await startServer(t);
  const reply = await fetch(url);
  assert.equal(reply.status, 404);
  assert.deepEqual(await reply.json(), {
    code: "unknown-method",
    message:
      "no such path; GET has /health and /metrics; telemetry is read with POST or with the command line",
  });
});
