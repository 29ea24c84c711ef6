import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { startObsvty } from "../support/obsvty.ts";
import { call, frame } from "../support/raw-grpc.ts";
import { connectHttp2 } from "../support/server.ts";

// What the Connect library decodes has a limit far below that of exports, which are not decoded.

const limit = 65_536;
/** Two bytes for each field: number 15, which no request has. */
const unknownFields = Buffer.alloc(limit + 2, Buffer.of(0x78, 0));
const longJson = Buffer.from(JSON.stringify({ filter: { attributes: { key: "v".repeat(limit) } } }));
const gzip = { "content-encoding": "gzip" };
const gzipFrame = { "grpc-encoding": "gzip" };

interface Call {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const search = "/obsvty.v1.QueryService/SearchSpans";
const tail = "/obsvty.v1.QueryService/Tail";
const calls: Readonly<Record<string, Call>> = {
  "a Connect call in JSON": { path: search, type: "application/json", body: longJson },
  "a Connect call in protobuf": { path: search, type: "application/proto", body: unknownFields },
  "a Connect call that is compressed": {
    path: search,
    type: "application/proto",
    body: gzipSync(unknownFields),
    headers: gzip,
  },
  "a Connect stream": { path: tail, type: "application/connect+proto", body: frame(unknownFields) },
  "a gRPC-Web call": { path: search, type: "application/grpc-web+proto", body: frame(unknownFields) },
  "a gRPC-Web call that is compressed": {
    path: search,
    type: "application/grpc-web+proto",
    body: frame(gzipSync(unknownFields), 1),
    headers: gzipFrame,
  },
  "a script of faults": {
    path: "/obsvty.v1.FaultService/SetFaults",
    type: "application/proto",
    body: unknownFields,
  },
};

describe("a request to a service that is decoded has at most 64 KiB:", () => {
  for (const [name, { path, type, body, headers }] of Object.entries(calls)) {
    it(`${name} with more than 64 KiB is refused, and the message names the limit`, async (t) => {
      const server = await startObsvty(t, { settings: { FAULT_INJECTION: "true" } });
      const reply = await fetch(`${server.url}${path}`, {
        method: "POST",
        headers: { "content-type": type, ...headers },
        body,
      });
      const text = decodeURIComponent(`${reply.headers.get("grpc-message")} ${await reply.text()}`);
      assert.match(text, /a request to this service has at most 65536 bytes/);
    });
  }

  it("a reflection request of more than 64 KiB is refused", async (t) => {
    const session = connectHttp2(t, await startObsvty(t));
    const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    const { grpcStatus, headers } = await call(session, path, frame(unknownFields));
    assert.equal(grpcStatus, 8);
    assert.match(decodeURIComponent(String(headers["grpc-message"])), /at most 65536 bytes/);
  });

  it("a search whose filter fills the limit is answered", async (t) => {
    const server = await startObsvty(t);
    const value = "v".repeat(limit - 100);
    const body = JSON.stringify({ filter: { attributes: { key: value } } });
    const headers = { "content-type": "application/json" };
    const reply = await fetch(`${server.url}${search}`, { method: "POST", headers, body });
    assert.equal(reply.status, 200);
    assert.deepEqual(((await reply.json()) as { spans: unknown[] }).spans, []);
  });
});

describe("an error that names what the caller sent is cut", () => {
  for (const [what, request] of [
    ["an unknown field", { [`f${"i".repeat(60_000)}`]: 1 }],
    ["a value that is no enum", { filter: { kind: "k".repeat(60_000) } }],
    ["a text in place of a number", { limit: "l".repeat(60_000) }],
  ] as const) {
    it(`an error that names ${what} of 60,000 characters is cut, in the answer and in the log`, async (t) => {
      const server = await startObsvty(t);
      const headers = { "content-type": "application/json" };
      const reply = await fetch(`${server.url}${search}`, {
        method: "POST",
        headers,
        body: JSON.stringify(request),
      });
      assert.equal(reply.status, 400);
      assert.ok((await reply.text()).length < 1_200);
      const line = server.logs.find(({ path }) => path === search);
      assert.ok(JSON.stringify(line).length < 1_500);
    });
  }
});
