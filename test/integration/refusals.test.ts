import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
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
  ["connect", { path: getStats, method: "PUT" }, 405, "unknown"],
];

describe("a request without a route", () => {
  for (const [protocol, call, http, code] of unknown) {
    it(`a request without a route is answered ${code} over ${protocol}: ${call.path}`, async (t) => {
      const seen = await callers[protocol](t, await startServer(t), call);
      assert.deepEqual([seen.http, seen.code], [http, code]);
    });
  }
  for (const [protocol, call, http, code] of wrongMethod) {
    it(`a request with a wrong HTTP method is told the right ones over ${protocol}`, async (t) => {
      const seen = await callers[protocol](t, await startServer(t), call);
      assert.deepEqual([seen.http, seen.code], [http, code]);
      assert.match(String(seen.headers.allow), /POST/);
    });
  }

  it("a request of no known protocol is answered 404 in plain JSON, or 405 with the allowed methods", async (t) => {
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

  it("a request with another method than POST is not counted as a refused export", async (t) => {
    const server = await startServer(t, { settings: { RATE_LIMIT_MAX: "8", RATE_LIMIT_WINDOW_MS: "60000" } });
    for (const path of ["/v1/traces", exportTraces]) {
      // Of each path, three are of a wrong method, and one has a malformed target beside.
      for (const method of ["GET", "PUT", "OPTIONS"]) await fetch(`${server.url}${path}`, { method });
      await fetch(`${server.url}${path}?a=%`);
    }
    // The ninth is over the rate.
    assert.equal((await fetch(`${server.url}/v1/traces`)).status, 429);
    assert.equal(server.core.counters.of("traces").refused, 0);
    assert.equal((await fetch(`${server.url}/v1/traces`, { method: "POST" })).status, 429);
    assert.equal(server.core.counters.of("traces").refused, 1);
  });

  it("a request without a route is refused before its body arrives, and its HTTP/2 stream ends without an error", async (t) => {
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
    it(`an RPC of the type ${type} is answered 415 with a code that Connect knows`, async (t) => {
      const { url, core } = await startServer(t);
      const reply = await fetch(`${url}${exportTraces}`, {
        method: "POST",
        headers: { "content-type": type },
        body: "x",
      });
      assert.equal(reply.status, 415);
      // Exactly application/json would mark an error of Connect, which this caller need not speak.
      assert.equal(reply.headers.get("content-type"), "application/json; charset=utf-8");
      const { code, message } = (await reply.json()) as { code: string; message: string };
      assert.equal(code, "unknown");
      assert.match(message, /known are application\/json, application\/proto, application\/grpc/);
      assert.equal(core.counters.of("traces").refused, 1);
    });
  }

  it("a Connect stream of another type is answered 415 with the types that a stream takes", async (t) => {
    const { url } = await startServer(t);
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    const reply = await fetch(`${url}/obsvty.v1.QueryService/Tail`, init);
    assert.equal(reply.status, 415);
    assert.match(await reply.text(), /known are application\/connect\+json, application\/connect\+proto/);
  });

  it("an unknown subtype of gRPC is answered 415 over HTTP/1.1", async (t) => {
    const { url } = await startServer(t);
    for (const path of [exportTraces, getStats]) {
      const headers = { "content-type": "application/grpc+foo" };
      const reply = await fetch(`${url}${path}`, { method: "POST", headers, body: new Uint8Array(5) });
      assert.equal(reply.status, 415);
      assert.equal(((await reply.json()) as { code: string }).code, "unknown");
    }
  });

  it("gRPC-Web in base64 is answered 415 with a reason", async (t) => {
    const { url } = await startServer(t);
    for (const type of ["application/grpc-web-text", "application/grpc-web-text+proto"]) {
      const headers = { "content-type": type };
      const reply = await fetch(`${url}${getStats}`, { method: "POST", headers, body: "AAAAAAA=" });
      assert.equal(reply.status, 415);
      assert.match(reply.headers.get("grpc-message") ?? "", /base64 is not supported/);
    }
  });

  it("gRPC over HTTP/1.1 is answered 505", async (t) => {
    const { url } = await startServer(t);
    for (const path of [exportTraces, getStats, "/nobody.v1.Nothing/Do"]) {
      const headers = { "content-type": "application/grpc" };
      const reply = await fetch(`${url}${path}`, { method: "POST", headers, body: new Uint8Array(5) });
      assert.equal(reply.status, 505);
      assert.equal(
        ((await reply.json()) as { code: string }).code,
        path.startsWith("/nobody") ? "unimplemented" : "invalid_argument",
      );
    }
  });

  it("a malformed path is answered 400", async (t) => {
    const { url } = await startServer(t);
    assert.equal((await fetch(`${url}/%E0%A4%A`)).status, 400);
  });
});

describe("a trailing slash", () => {
  for (const path of ["/health/", "/livez/", "/readyz/", "/metrics/"]) {
    it(`a trailing slash is ignored by GET ${path}`, async (t) => {
      const { url } = await startServer(t);
      assert.equal((await fetch(`${url}${path}`)).status, 200);
      assert.equal((await fetch(`${url}${path}`, { method: "DELETE" })).status, 405);
    });
  }

  for (const protocol of ["otlpProtobuf", "otlpJson"] as const) {
    it(`one trailing slash is ignored by ${protocol}, and two are a wrong path`, async (t) => {
      const server = await startServer(t);
      const body = protocol === "otlpJson" ? "{}" : "";
      const type = protocol === "otlpJson" ? "application/json" : "application/x-protobuf";
      const init = { method: "POST", headers: { "content-type": type }, body };
      assert.equal((await fetch(`${server.url}/v1/traces/`, init)).status, 200);
      const seen = await callers[protocol](t, server, { path: "/v1/traces//" });
      assert.deepEqual([seen.http, seen.code], [404, 12]);
    });
  }

  for (const path of [`${exportTraces}/`, `${getStats}/`, `${getStats}//`]) {
    it(`a trailing slash makes an RPC unknown: ${path}`, async (t) => {
      const server = await startServer(t);
      const seen = [];
      for (const protocol of ["grpc", "grpcWeb", "connect"] as const) {
        const { http, code } = await callers[protocol](t, server, { path });
        seen.push([http, code]);
      }
      assert.deepEqual(seen, [
        [200, 12],
        [200, 12],
        [404, "unimplemented"],
      ]);
    });
  }
});

test("the log of a refusal shows a slash too much at the end of the path", async (t) => {
  const server = await startServer(t);
  for (const path of [`${exportTraces}/`, "/v1/traces//?token=x", "/nothing"]) {
    await callers.connect(t, server, { path });
  }
  const refusals = server.logs.filter(({ msg }) => msg === "refused");
  assert.deepEqual(
    refusals.map(({ path, reason }) => [path, String(reason).split(";")[0]]),
    [
      [exportTraces, "no such path"],
      ["/v1/traces//", "no such path"],
      ["/nothing", "no such method or path"],
    ],
  );
  assert.match(String(refusals[0]?.reason), /no slash at its end/);
});

describe("an exporter of OTLP/HTTP with a wrong endpoint", () => {
  for (const type of ["application/json", "application/x-protobuf"]) {
    for (const path of ["/", "//v1/traces", "/otlp/v1/traces", "/otlp", "/otlp/traces"]) {
      it(`an OTLP/HTTP exporter with a wrong endpoint is told the right paths in ${type}: ${path}`, async (t) => {
        const { url } = await startServer(t);
        const headers = { "content-type": type };
        const reply = await fetch(`${url}${path}`, { method: "POST", headers, body: "{}" });
        assert.deepEqual([reply.status, reply.headers.get("content-type")], [404, type]);
        const body = await reply.bytes();
        const { code, message } =
          type === "application/json"
            ? JSON.parse(Buffer.from(body).toString())
            : fromBinary(StatusSchema, body);
        assert.equal(code, 12);
        assert.match(message, /OTLP\/HTTP goes to \/v1\/traces, /);
      });
    }
  }
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
    it(`a call over the rate limit is answered ${code} with a retry hint over ${protocol}: ${call.path}`, async (t) => {
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

  it("the rate limit counts all protocols of an address together, but not health, and adds no headers", async (t) => {
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

  it("RATE_LIMIT_MAX=0 turns the rate limit off", async (t) => {
    const server = await startServer(t, { settings: { RATE_LIMIT_MAX: "0" } });
    assert.equal((await fetch(`${server.url}/unknown`)).status, 404);
  });

  it("an export over the rate limit is counted and logged once, without its content", async (t) => {
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
