import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exportPath } from "../../src/domain/signal.ts";
import { callers, type ErrorCall } from "../support/error-reply.ts";
import { frame, startCall } from "../support/raw-grpc.ts";
import { connectHttp2, startServer } from "../support/server.ts";

type Protocol = keyof typeof callers;
type Row = readonly [protocol: Protocol, call: ErrorCall, http: number, code: number | string];

const getStats = "/obsvty.v1.QueryService/GetStats";
const exportTraces = exportPath("traces");

const unknown: readonly Row[] = [
  ["grpc", { path: "/nobody.v1.Nothing/Do" }, 200, 12],
  ["grpc", { path: "/opentelemetry.proto.collector.trace.v1.TraceService/export" }, 200, 12],
  ["grpcWeb", { path: "/nobody.v1.Nothing/Do" }, 200, 12],
  ["connect", { path: "/nobody.v1.Nothing/Do" }, 404, "unimplemented"],
];
const wrongMethod: readonly Row[] = [
  ["grpc", { path: exportTraces, method: "PUT" }, 405, 12],
  ["grpcWeb", { path: exportTraces, method: "PUT" }, 405, 12],
  ["connect", { path: getStats, method: "PUT" }, 405, "unimplemented"],
];

describe("what is not there", () => {
  for (const [protocol, call, http, code] of unknown) {
    it(`is ${code} to ${protocol}: ${call.path}`, async (t) => {
      const seen = await callers[protocol](t, await startServer(t), call);
      assert.deepEqual([seen.http, seen.code], [http, code]);
    });
  }
  for (const [protocol, call, http, code] of wrongMethod) {
    it(`says to ${protocol} which method is allowed`, async (t) => {
      const seen = await callers[protocol](t, await startServer(t), call);
      assert.deepEqual([seen.http, seen.code], [http, code]);
      assert.match(String(seen.headers.allow), /POST/);
    });
  }

  it("is plain JSON to everyone else, with 404, or 405 and what is allowed", async (t) => {
    const { url } = await startServer(t);
    const nothing = await fetch(`${url}/nothing`, { method: "POST", body: "x" });
    assert.deepEqual(
      [nothing.status, ((await nothing.json()) as { code: string }).code],
      [404, "unknown-method"],
    );
    const wrong = await fetch(`${url}/health`, { method: "DELETE" });
    assert.deepEqual([wrong.status, wrong.headers.get("allow")], [405, "GET, HEAD"]);
    const rpc = await fetch(`${url}${exportTraces}`);
    assert.deepEqual([rpc.status, rpc.headers.get("allow")], [405, "POST"]);
  });

  it("does not wait for the body of what it refuses, and says so without an error", async (t) => {
    const session = connectHttp2(t, await startServer(t));
    const { stream, reply } = startCall(session, "/nobody.v1.Nothing/Do");
    stream.write(frame(Buffer.alloc(1_000)));
    const { trailersOnly, grpcStatus, rstCode } = await reply;
    assert.deepEqual(
      { trailersOnly, grpcStatus, rstCode },
      { trailersOnly: true, grpcStatus: 12, rstCode: 0 },
    );
  });

  for (const type of ["text/plain", "application/xml", "application/grpcish", "multipart/form-data"]) {
    it(`is 415 when a service is called with ${type}`, async (t) => {
      const { url, core } = await startServer(t);
      const reply = await fetch(`${url}${exportTraces}`, {
        method: "POST",
        headers: { "content-type": type },
        body: "x",
      });
      assert.equal(reply.status, 415);
      assert.equal(core.counters.of("traces").refused, 1);
    });
  }

  it("is 505 when gRPC comes over HTTP/1.1", async (t) => {
    const { url } = await startServer(t);
    for (const path of [exportTraces, getStats, "/nobody.v1.Nothing/Do"]) {
      const headers = { "content-type": "application/grpc" };
      const reply = await fetch(`${url}${path}`, { method: "POST", headers, body: new Uint8Array(5) });
      assert.equal(reply.status, 505);
    }
  });

  it("is a broken path: 400", async (t) => {
    const { url } = await startServer(t);
    assert.equal((await fetch(`${url}/%E0%A4%A`)).status, 400);
  });
});

describe("the rate limit", () => {
  const settings = { RATE_LIMIT_MAX: "1", RATE_LIMIT_WINDOW_MS: "60000" };
  const rows: readonly Row[] = [
    ["grpc", { path: exportTraces }, 200, 8],
    ["grpc", { path: "/nobody.v1.Nothing/Do" }, 200, 8],
    ["grpcWeb", { path: exportTraces }, 200, 8],
    ["connect", { path: exportTraces }, 429, "resource_exhausted"],
    ["connect", { path: getStats }, 429, "resource_exhausted"],
    ["otlpProtobuf", { path: "/v1/traces" }, 429, 8],
    ["otlpJson", { path: "/v1/traces" }, 429, 8],
  ];
  for (const [protocol, call, http, code] of rows) {
    it(`is ${code} with a retry hint to ${protocol}: ${call.path}`, async (t) => {
      const server = await startServer(t, { settings });
      await fetch(`${server.url}/an-unknown-path`);
      const seen = await callers[protocol](t, server, call);
      assert.deepEqual([seen.http, seen.code], [http, code]);
      assert.ok(
        (seen.retryAfterMs ?? 0) > 50_000 && (seen.retryAfterMs ?? 0) <= 60_000,
        String(seen.retryAfterMs),
      );
    });
  }

  it("counts all protocols of an address together, leaves health free, and shows no headers", async (t) => {
    const server = await startServer(t, { settings: { ...settings, RATE_LIMIT_MAX: "3" } });
    for (const path of ["/health", "/livez", "/readyz"]) {
      assert.equal((await fetch(`${server.url}${path}`)).status, 200);
    }
    const statuses = [];
    for (let count = 0; count < 2; count += 1) {
      statuses.push((await callers.grpc(t, server, { path: "/nobody.v1.Nothing/Do" })).code);
      statuses.push((await fetch(`${server.url}/unknown`)).status);
    }
    assert.deepEqual(statuses, [12, 404, 12, 429]);
    const free = await fetch(`${server.url}/health`);
    assert.equal(free.status, 200);
    assert.deepEqual(
      [...free.headers.keys()].filter((name) => /rate/.test(name)),
      [],
    );
  });

  it("is off at 0", async (t) => {
    const server = await startServer(t, { settings: { RATE_LIMIT_MAX: "0" } });
    assert.equal((await fetch(`${server.url}/unknown`)).status, 404);
  });

  it("has a refused export counted and logged once, with nothing of what it held", async (t) => {
    const server = await startServer(t, { settings });
    await fetch(`${server.url}/unknown`);
    await callers.connect(t, server, { path: exportTraces, body: '{"secret":"content"}' });
    assert.equal(server.core.counters.of("traces").refused, 1);
    const lines = server.logs.filter(({ path }) => path === exportTraces);
    assert.equal(lines.length, 1);
    const { level, code, protocol, remote } = lines[0] ?? assert.fail();
    assert.deepEqual(
      { level, code, protocol, remote },
      { level: 40, code: "over-rate", protocol: "connect-unary", remote: "127.0.0.1" },
    );
    assert.doesNotMatch(JSON.stringify(server.logs), /content"|secret/);
  });
});
