import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import { describe, test } from "node:test";
import { fastify } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import type { TakeStream } from "../../../../../src/adapters/inbound/listener/http2-sessions.ts";
import type { TakeRequest } from "../../../../../src/adapters/inbound/listener/listener.ts";
import { fastPathPlugin } from "../../../../../src/adapters/inbound/otlp-receiver/fast-path.ts";
import { exportPath, signals, signalTraits } from "../../../../../src/domain/signal.ts";

interface Call {
  readonly method?: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** Whether the fast path takes a call over each version of HTTP. */
async function takenBy({ method = "POST", path, headers }: Call) {
  let takeStream: TakeStream | undefined;
  let takeRequest: TakeRequest | undefined;
  const app = fastify();
  app.decorate("receiver", {});
  // Admission never decides, so that no call goes further.
  app.decorate("admit", () => new Promise(() => {}));
  for (const name of ["receiver", "admission"]) {
    await app.register(fastifyPlugin((_app, _options, done) => done(), { name }));
  }
  await app.register(fastPathPlugin, {
    takeStreams: (take) => {
      takeStream = take;
    },
    takeRequests: (take) => {
      takeRequest = take;
    },
  });
  const stream = new EventEmitter() as ServerHttp2Stream;
  const request = Object.assign(new EventEmitter(), {
    method,
    url: path,
    httpVersionMajor: 1,
    headers: { host: "localhost", ...headers },
    rawHeaders: ["host", "localhost"],
  });
  return {
    "HTTP/1.1": takeRequest?.(request as unknown as IncomingMessage, {} as ServerResponse),
    "HTTP/2": takeStream?.(stream, { ":method": method, ":path": path, ...headers }),
  };
}

const both = { "HTTP/1.1": true, "HTTP/2": true };
const neither = { "HTTP/1.1": false, "HTTP/2": false };
const traces = exportPath("traces");

describe("the fast path", () => {
  for (const [type, taken] of Object.entries({
    "application/grpc": { ...neither, "HTTP/2": true },
    "application/grpc+proto": { ...neither, "HTTP/2": true },
    "application/grpc+json": { ...neither, "HTTP/2": true },
    "application/grpc-web": both,
    "application/grpc-web+proto": both,
    "application/grpc-web+json": both,
    "application/grpc-web-text": neither,
    "application/proto": both,
    "application/json": both,
    "application/json; charset=utf-8": both,
    "Application/Proto": both,
    "application/connect+proto": neither,
    "application/x-protobuf": neither,
    "text/plain": neither,
  })) {
    const versions = Object.entries(taken).flatMap(([version, isTaken]) => (isTaken ? [version] : []));
    test(`the fast path takes an RPC of ${type} over ${versions.join(" and ") || "no version of HTTP"}`, async () => {
      for (const signal of signals) {
        const call = { path: exportPath(signal), headers: { "content-type": type } };
        assert.deepEqual(await takenBy(call), taken, signal);
      }
    });
  }

  test("the fast path takes OTLP/HTTP in protobuf and JSON", async () => {
    for (const signal of signals) {
      const { httpPath: path } = signalTraits[signal];
      for (const type of ["application/x-protobuf", "application/json"]) {
        assert.deepEqual(await takenBy({ path, headers: { "content-type": type } }), both);
      }
      assert.deepEqual(await takenBy({ path, headers: { "content-type": "application/proto" } }), neither);
    }
  });

  const json = { "content-type": "application/json" };
  for (const [what, call] of Object.entries<Call>({
    "Connect's GET": { method: "GET", path: `${traces}?encoding=json&message=%7B%7D`, headers: {} },
    "a preflight": { method: "OPTIONS", path: traces, headers: {} },
    "an RPC of a page, whose answer has CORS headers": { path: traces, headers: { ...json, origin: "x" } },
    "OTLP/HTTP of a page": { path: "/v1/traces", headers: { ...json, origin: "x" } },
    "a request that waits for 100 Continue": { path: traces, headers: { ...json, expect: "100-continue" } },
    "a path with a slash at its end": { path: `${traces}/`, headers: json },
    "a path with a query": { path: `${traces}?x=1`, headers: json },
    "another method": { path: "/obsvty.v1.QueryService/GetStats", headers: json },
    "a request without a type": { path: traces, headers: {} },
  })) {
    test(`the fast path leaves ${what} to Fastify`, async () => {
      assert.deepEqual(await takenBy(call), neither);
    });
  }
});
