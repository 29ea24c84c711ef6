import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { QueryService } from "../../gen/obsvty/v1/query_pb.ts";
import type { ConnectRegistrar } from "../../src/adapters/inbound/connect/plugin.ts";
import { registerExportServices } from "../../src/adapters/inbound/otlp-receiver/connect-exports.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { callers } from "../support/error-reply.ts";
import { call, frame } from "../support/raw-grpc.ts";
import { connectHttp2, connectRaw, startServer, type TestServer } from "../support/server.ts";

const getStats = "/obsvty.v1.QueryService/GetStats";
const exportTraces = exportPath("traces");

/** The export services, and a reading service that answers without data. */
const registrars: readonly ConnectRegistrar[] = [
  registerExportServices,
  (router) => router.service(QueryService, { getStats: () => ({}) }),
];

async function post(
  { url }: TestServer,
  path: string,
  headers: Record<string, string> = {},
): Promise<number> {
  const all = { "content-type": "application/json", ...headers };
  return (await fetch(`${url}${path}`, { method: "POST", headers: all, body: "{}" })).status;
}

describe("with INGEST_TOKEN", () => {
  const settings = { INGEST_TOKEN: "s3cret" };

  it("exports with INGEST_TOKEN are accepted over gRPC and Connect, the scheme in any letter case", async (t) => {
    const server = await startServer(t, { settings, registrars });
    const session = connectHttp2(t, server);
    for (const authorization of ["Bearer s3cret", "bearer s3cret"]) {
      const { grpcStatus } = await call(session, exportTraces, frame(Buffer.alloc(0)), { authorization });
      assert.equal(grpcStatus, 0);
      assert.equal(await post(server, exportTraces, { authorization }), 200);
    }
  });

  for (const authorization of [undefined, "Bearer wrong1", "Bearer s3cret2", "Bearer ", "Basic s3cret"]) {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    it(`with INGEST_TOKEN set, exports with the authorization ${authorization} are refused and counted`, async (t) => {
      const server = await startServer(t, { settings, registrars });
      const grpc = await callers.grpc(t, server, { path: exportTraces, headers });
      assert.equal(grpc.code, 16);
      const connect = await callers.connect(t, server, { path: exportTraces, headers });
      assert.deepEqual([connect.http, connect.code], [401, "unauthenticated"]);
      assert.equal(server.core.counters.of("traces").refused, 2);
      assert.doesNotMatch(JSON.stringify(server.logs), /s3cret|wrong1/);
    });
  }

  it("INGEST_TOKEN leaves health open and reading unchanged", async (t) => {
    const server = await startServer(t, { settings, registrars });
    assert.equal((await fetch(`${server.url}/health`)).status, 200);
    assert.equal(await post(server, getStats), 200);
  });
});

describe("reading", () => {
  it("reading is allowed to loopback callers that call a loopback name when API_TOKEN is not set", async (t) => {
    const server = await startServer(t, { registrars });
    const session = connectHttp2(t, server);
    const hosts = {
      "localhost:4317": true,
      LOCALHOST: true,
      "127.0.0.1:1": true,
      "127.9.9.9": true,
      "127.999.1.1": false,
      "127.0.0.1.1": false,
      "[::1]:4317": true,
      "evil.example": false,
      "localhost.evil.example": false,
      "127.0.0.1.evil.example:4317": false,
      "[::1].evil.example": false,
    };
    for (const [host, allowed] of Object.entries(hosts)) {
      const { socket, untilClosed } = connectRaw(t, server);
      socket.write(
        `POST ${getStats} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n` +
          "content-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
      );
      assert.equal(/^HTTP\/1\.1 403/.test(await untilClosed), !allowed, host);
      const { grpcStatus } = await call(session, getStats, frame(Buffer.alloc(0)), { ":authority": host });
      assert.equal(grpcStatus, allowed ? 0 : 7, `:authority ${host}`);
    }
  });

  it("the right to read ignores forwarding headers, and both names of an HTTP/2 call are checked", async (t) => {
    const server = await startServer(t, { registrars });
    const session = connectHttp2(t, server);
    const headers = { ":authority": "localhost", host: "evil.example", "x-forwarded-host": "localhost" };
    assert.equal((await call(session, getStats, frame(Buffer.alloc(0)), headers)).grpcStatus, 7);
  });

  it("reading needs API_TOKEN when it is set, on loopback too, and then nothing else", async (t) => {
    const server = await startServer(t, { settings: { API_TOKEN: "r3ad" }, registrars });
    assert.equal(await post(server, getStats), 401);
    assert.equal(await post(server, getStats, { authorization: "Bearer nope" }), 401);
    assert.equal(await post(server, getStats, { authorization: "Bearer r3ad" }), 200);
    const session = connectHttp2(t, server);
    const headers = { ":authority": "obsvty.example", authorization: "Bearer r3ad" };
    const { grpcStatus } = await call(session, getStats, frame(Buffer.alloc(0)), headers);
    assert.equal(grpcStatus, 0);
    assert.equal(await post(server, exportTraces), 200);
  });
});
