import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { exportPath } from "../../src/domain/signal.ts";
import { startObsvty } from "../support/obsvty.ts";
import { frame, startCall } from "../support/raw-grpc.ts";
import { connectHttp2, type TestServer } from "../support/server.ts";
import { lengthDelimited, traceRequest, validSpanFields } from "../support/wire.ts";

// Content codings and media types are case-insensitive, and may have parameters (RFC 9110, 8.3.1, 8.4.1, 12.5.3).

const getStats = "/obsvty.v1.QueryService/GetStats";
const reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** A POST whose headers are sent exactly so. */
function post(
  { port }: Pick<TestServer, "port">,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array | string,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", method: "POST", path, headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks),
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Shorter answers are not compressed. */
const longSpan = Buffer.concat([validSpanFields, lengthDelimited(5, Buffer.alloc(1_100, "a"))]);
const json = { "content-type": "application/json" };

describe("the letter case of content codings does not matter", () => {
  for (const accepted of ["GZIP", "gzip;q=1.0", "br, GZip; q=0.5", "x-gzip"]) {
    test(`an answer of the API is compressed for accept-encoding: ${accepted}`, async (t) => {
      const server = await startObsvty(t);
      const headers = { ...json, "accept-encoding": accepted };
      await post(server, "/v1/traces", { "content-type": "application/x-protobuf" }, traceRequest(longSpan));
      const reply = await post(server, "/obsvty.v1.QueryService/SearchSpans", headers, "{}");
      assert.equal(reply.headers["content-encoding"], "gzip");
      assert.ok(gunzipSync(reply.body).includes('"spans"'));
    });
  }

  test("an answer of the API is not compressed with a coding that the caller gives the weight 0", async (t) => {
    const server = await startObsvty(t);
    const reply = await post(server, getStats, { ...json, "accept-encoding": "gzip;q=0, br" }, "{}");
    assert.equal(reply.headers["content-encoding"], undefined);
    assert.ok(reply.body.includes('"signals"'));
  });

  for (const [path, type, plain, named] of [
    [getStats, "application/json", Buffer.from("{}"), "content-encoding"],
    [exportPath("traces"), "application/json", Buffer.from("{}"), "content-encoding"],
    ["/v1/traces", "application/json", Buffer.from("{}"), "content-encoding"],
    [exportPath("traces"), "application/grpc-web+proto", undefined, "grpc-encoding"],
    [getStats, "application/grpc-web+proto", undefined, "grpc-encoding"],
  ] as const) {
    test(`a request of ${type} to ${path} may have ${named}: GZIP`, async (t) => {
      const server = await startObsvty(t);
      const body = plain === undefined ? frame(gzipSync(Buffer.alloc(0)), 1) : gzipSync(plain);
      const reply = await post(server, path, { "content-type": type, [named]: "GZIP" }, body);
      assert.equal(reply.status, 200, reply.body.toString());
      if (plain === undefined) assert.match(reply.body.toString("latin1"), /grpc-status: 0/);
    });
  }

  const symbol = "obsvty.v1.QueryService";
  for (const [protocol, type, question] of [
    ["grpc", "application/grpc", lengthDelimited(4, Buffer.from(symbol))],
    ["connect", "application/connect+json", Buffer.from(JSON.stringify({ fileContainingSymbol: symbol }))],
  ] as const) {
    test(`messages of a stream over ${protocol} are compressed when its headers say GZIP`, async (t) => {
      const prefix = protocol === "grpc" ? "grpc-" : "connect-";
      const encoding = protocol === "grpc" ? "grpc-encoding" : "connect-content-encoding";
      const headers = { "content-type": type, [`${prefix}accept-encoding`]: "GZIP", [encoding]: "Gzip" };
      const { stream, reply } = startCall(connectHttp2(t, await startObsvty(t)), reflection, headers);
      stream.end(frame(gzipSync(question), 1));
      const { body } = await reply;
      assert.equal(body[0], 1);
      assert.ok(gunzipSync(body.subarray(5, 5 + body.readUInt32BE(1))).length > 1_024);
    });
  }
});

describe("the letter case of a content type and its parameters do not matter", () => {
  const empty = frame(Buffer.alloc(0));
  for (const path of [getStats, exportPath("traces")]) {
    for (const [type, body] of [
      ["Application/JSON", "{}"],
      ['application/json; charset="utf-8"', "{}"],
      ["application/json;charset=UTF-8;v=1", "{}"],
      // JSON is UTF-8 all the same (RFC 8259, 11).
      ["application/json; charset=iso-8859-1", "{}"],
      ["Application/Proto; messageType=x", ""],
      ["application/GRPC-Web+Proto;charset=utf-8", empty],
    ] as const) {
      test(`a call of ${path} is served with the content type ${type}`, async (t) => {
        const server = await startObsvty(t);
        const reply = await post(server, path, { "content-type": type }, body);
        assert.equal(reply.status, 200, reply.body.toString());
      });
    }

    test(`a call of ${path} over gRPC is served with a content type in capitals and with parameters`, async (t) => {
      const server = await startObsvty(t);
      const headers = { "content-type": "Application/gRPC+proto; charset=utf-8" };
      const { stream, reply } = startCall(connectHttp2(t, server), path, headers);
      stream.end(empty);
      assert.equal((await reply).grpcStatus, 0);
    });
  }
});
