import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sendHttp } from "../support/http-call.ts";
import { startServer } from "../support/server.ts";

const origin = "https://shop.example";
const preflight = {
  method: "OPTIONS",
  headers: {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,x-tenant",
  },
} as const;
const settings = { CORS_ORIGINS: `${origin}, https://admin.example` };
const json = { "content-type": "application/json" };
const post = { path: "/v1/traces", headers: { ...json, origin }, body: Buffer.from("{}") };

const exposed = "retry-after, grpc-status, grpc-message, grpc-status-details-bin";

for (const version of ["HTTP/1.1", "HTTP/2"] as const) {
  describe(`CORS over ${version}`, () => {
    test("answers the preflight of an allowed origin with 204, before tokens and the rate limit", async (t) => {
      const { url } = await startServer(t, {
        settings: { ...settings, INGEST_TOKEN: "x", RATE_LIMIT_MAX: "1" },
      });
      for (const path of ["/v1/traces", "/v1/logs/", "/v1/metrics", "/v1development/profiles"]) {
        const { status, headers, body } = await sendHttp(t, version, url, { path, ...preflight });
        assert.equal(status, 204);
        assert.equal(headers["access-control-allow-origin"], origin);
        assert.equal(headers["access-control-allow-credentials"], "true");
        assert.equal(headers["access-control-allow-methods"], "POST");
        assert.equal(headers["access-control-allow-headers"], "authorization,content-type,x-tenant");
        assert.equal(body.byteLength, 0);
      }
      const sent = { ...post, headers: { ...post.headers, authorization: "Bearer x" } };
      assert.equal((await sendHttp(t, version, url, sent)).status, 200);
    });

    test("lets the page read the answer, a refusal and its Retry-After too", async (t) => {
      const { url } = await startServer(t, { settings: { ...settings, RATE_LIMIT_MAX: "1" } });
      for (const status of [200, 429]) {
        const reply = await sendHttp(t, version, url, post);
        assert.equal(reply.status, status);
        assert.equal(reply.headers["access-control-allow-origin"], origin);
        assert.equal(reply.headers["access-control-expose-headers"], exposed);
        assert.match(String(reply.headers.vary), /origin/i);
      }
    });

    test("says nothing to other origins", async (t) => {
      const { url } = await startServer(t, { settings });
      const headers = { ...preflight.headers, origin: "https://evil.example" };
      for (const call of [
        { path: "/v1/traces", ...preflight, headers },
        { ...post, headers: { ...json, origin: "https://evil.example" } },
      ]) {
        const reply = await sendHttp(t, version, url, call);
        assert.equal(reply.headers["access-control-allow-origin"], undefined);
      }
    });

    test("is for sending alone: reading stays closed to pages", async (t) => {
      const { url } = await startServer(t, { settings });
      for (const path of ["/obsvty.v1.QueryService/GetStats", "/health", "/nothing"]) {
        const { status, headers } = await sendHttp(t, version, url, { path, ...preflight });
        assert.equal(headers["access-control-allow-origin"], undefined);
        assert.ok(status === 404 || status === 405, `${path}: ${status}`);
      }
    });

    test("is needed for whatever a page can do: types that need no preflight are refused", async (t) => {
      const { url } = await startServer(t, { settings: { FAULT_INJECTION: "true" } });
      const services = ["QueryService/GetStats", "QueryService/Clear", "FaultService/ClearFaults"];
      for (const path of ["/v1/traces", ...services.map((method) => `/obsvty.v1.${method}`)]) {
        for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
          const call = { path, headers: { "content-type": type, origin }, body: Buffer.from("{}") };
          assert.equal((await sendHttp(t, version, url, call)).status, 415, `${path} ${type}`);
        }
      }
    });

    test("takes any origin with *, and echoes it", async (t) => {
      const { url } = await startServer(t, { settings: { CORS_ORIGINS: "*" } });
      const reply = await sendHttp(t, version, url, { path: "/v1/traces", ...preflight });
      assert.equal(reply.headers["access-control-allow-origin"], origin);
    });

    test("is off unless origins are set: a preflight gets 405", async (t) => {
      const { url } = await startServer(t);
      const reply = await sendHttp(t, version, url, { path: "/v1/traces", ...preflight });
      assert.deepEqual([reply.status, reply.headers.allow], [405, "POST"]);
      assert.equal(reply.headers["access-control-allow-origin"], undefined);
    });
  });
}
