import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { exportPath } from "../../src/domain/signal.ts";
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
    test(`the preflight of an allowed origin is answered 204 over ${version}, before tokens and the rate limit`, async (t) => {
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

    for (const [protocol, call, refusedStatus] of [
      ["OTLP/HTTP", post, 429],
      ["Connect", { ...post, path: exportPath("traces") }, 429],
      [
        "gRPC-Web",
        {
          path: exportPath("traces"),
          headers: { "content-type": "application/grpc-web+proto", origin },
          body: Buffer.alloc(5),
        },
        200,
      ],
    ] as const) {
      test(`the page of an allowed origin reads the answer by ${protocol} over ${version}, a refusal and its Retry-After too`, async (t) => {
        const { url } = await startServer(t, { settings: { ...settings, RATE_LIMIT_MAX: "1" } });
        for (const status of [200, refusedStatus]) {
          const reply = await sendHttp(t, version, url, call);
          assert.equal(reply.status, status);
          assert.equal(reply.headers["access-control-allow-origin"], origin);
          assert.equal(reply.headers["access-control-expose-headers"], exposed);
          assert.match(String(reply.headers.vary), /origin/i);
        }
      });
    }

    for (const [which, given] of [
      ["another origin than those set", { ...settings, INGEST_TOKEN: "x" }],
      ["any origin when none is set", {}],
    ] as const) {
      test(`the preflight of ${which} is refused over ${version}, and the log says which setting would allow it`, async (t) => {
        const { url, logs } = await startServer(t, { settings: given });
        const headers = { ...preflight.headers, origin: "http://localhost:5173" };
        for (const path of ["/v1/traces", exportPath("logs")]) {
          const reply = await sendHttp(t, version, url, { path, ...preflight, headers });
          assert.equal(reply.status, 403);
          assert.equal(reply.headers["access-control-allow-origin"], undefined);
          const refused = logs.filter((line) => line.path === path);
          assert.deepEqual(
            refused.map(({ level, code, reason }) => ({ level, code, reason })),
            [
              {
                level: 40,
                code: "permission-denied",
                reason: "a page of http://localhost:5173 asked to send: add this origin to CORS_ORIGINS",
              },
            ],
          );
        }
      });
    }

    test(`an Origin that is none is not repeated over ${version}`, async (t) => {
      const { url, logs } = await startServer(t);
      const headers = { ...preflight.headers, origin: `http://${"secret".repeat(100)}` };
      const reply = await sendHttp(t, version, url, { path: "/v1/traces", ...preflight, headers });
      assert.equal(reply.status, 403);
      assert.match(reply.body.toString(), /a page of another origin asked to send/);
      assert.doesNotMatch(JSON.stringify(logs), /secret/);
    });

    test("a page of another origin cannot read the answer to what it sends", async (t) => {
      const { url } = await startServer(t, { settings });
      const headers = { ...json, origin: "https://evil.example" };
      const reply = await sendHttp(t, version, url, { ...post, headers });
      assert.equal(reply.headers["access-control-allow-origin"], undefined);
    });

    test(`pages of an allowed origin cannot read over ${version}: no route but exports gets CORS headers`, async (t) => {
      const { url, logs } = await startServer(t, { settings });
      const statuses = [];
      for (const path of ["/obsvty.v1.QueryService/GetStats", "/health", "/nothing"]) {
        const { status, headers } = await sendHttp(t, version, url, { path, ...preflight });
        assert.equal(headers["access-control-allow-origin"], undefined);
        statuses.push(status);
      }
      assert.deepEqual(statuses, [403, 405, 404]);
      const [refused] = logs.filter(({ code }) => code === "permission-denied");
      assert.equal(refused?.reason, "pages in a browser may send, and never read");
    });

    test(`content types that need no preflight are refused over ${version}`, async (t) => {
      const { url } = await startServer(t, { settings: { FAULT_INJECTION: "true" } });
      const services = ["QueryService/GetStats", "QueryService/Clear", "FaultService/ClearFaults"];
      for (const path of ["/v1/traces", ...services.map((method) => `/obsvty.v1.${method}`)]) {
        for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
          const call = { path, headers: { "content-type": type, origin }, body: Buffer.from("{}") };
          assert.equal((await sendHttp(t, version, url, call)).status, 415, `${path} ${type}`);
        }
      }
    });

    test(`CORS_ORIGINS=* allows every origin over ${version}, and its name is echoed`, async (t) => {
      const { url } = await startServer(t, { settings: { CORS_ORIGINS: "*" } });
      const reply = await sendHttp(t, version, url, { path: "/v1/traces", ...preflight });
      assert.equal(reply.headers["access-control-allow-origin"], origin);
    });
  });
}
