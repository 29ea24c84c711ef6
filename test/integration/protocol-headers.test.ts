import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { exportPath } from "../../src/domain/signal.ts";
import { callers } from "../support/error-reply.ts";
import { frame } from "../support/raw-grpc.ts";
import { startServer } from "../support/server.ts";

const getStats = "/obsvty.v1.QueryService/GetStats";
const exportTraces = exportPath("traces");

for (const fastPath of [true, false]) {
  const where = fastPath ? "on the fast path" : "by Fastify";

  describe(`a header that the protocol of a call does not allow, ${where}`, () => {
    for (const path of [exportTraces, getStats]) {
      test(`another version of Connect's protocol is refused for ${path}, ${where}`, async (t) => {
        const server = await startServer(t, { fastPath });
        for (const type of ["application/json", "application/proto"]) {
          for (const version of ["2", "", "v1"]) {
            const headers = { "content-type": type, "connect-protocol-version": version };
            const body = type === "application/json" ? "{}" : "";
            const seen = await callers.connect(t, server, { path, headers, body });
            assert.deepEqual(
              [seen.http, seen.code, seen.message],
              [400, "invalid_argument", 'connect-protocol-version must be "1"'],
            );
          }
        }
      });

      test(`a content-encoding of gRPC and gRPC-Web is refused for ${path}, ${where}`, async (t) => {
        const server = await startServer(t, { fastPath });
        const body = gzipSync(frame(Buffer.alloc(0)));
        for (const protocol of ["grpc", "grpcWeb"] as const) {
          const headers = { "content-encoding": "gzip" };
          const seen = await callers[protocol](t, server, { path, headers, body });
          assert.deepEqual(
            [seen.http, seen.code, seen.message],
            [200, 12, "messages of this protocol are compressed by grpc-encoding, not by content-encoding"],
          );
          assert.match(String(seen.headers["grpc-accept-encoding"]), /^identity,gzip/);
        }
      });
    }

    for (const path of [exportTraces, getStats]) {
      test(`a malformed deadline is refused alike for ${path}, ${where}`, async (t) => {
        const server = await startServer(t, { fastPath });
        const headers = { "grpc-timeout": "1 s", "connect-timeout-ms": "1s" };
        for (const [protocol, code, name] of [
          ["grpc", 13, "grpc-timeout"],
          ["grpcWeb", 13, "grpc-timeout"],
          ["connect", "invalid_argument", "connect-timeout-ms"],
        ] as const) {
          const seen = await callers[protocol](t, server, { path, headers });
          assert.deepEqual([seen.code, seen.message], [code, `malformed ${name}`]);
        }
      });
    }

    test(`version 1 of Connect's protocol, none, and the content-encoding identity are taken, ${where}`, async (t) => {
      const server = await startServer(t, { fastPath });
      const send = (type: string, headers: Record<string, string>, body: string | Buffer) =>
        fetch(`${server.url}${exportTraces}`, {
          method: "POST",
          headers: { "content-type": type, ...headers },
          body: body as string,
        });
      assert.equal((await send("application/json", { "connect-protocol-version": "1" }, "{}")).status, 200);
      assert.equal((await send("application/json", {}, "{}")).status, 200);
      const identity = { "content-encoding": "Identity" };
      const reply = await send("application/grpc-web+proto", identity, frame(Buffer.alloc(0)));
      assert.match(await reply.text(), /grpc-status: 0/);
      assert.equal(server.core.counters.of("traces").accepted, 3);
    });
  });
}

test("a stream of Connect is refused with another version of the protocol, or with a content-encoding", async (t) => {
  const { url } = await startServer(t);
  for (const [name, value, code] of [
    ["connect-protocol-version", "2", "invalid_argument"],
    ["content-encoding", "gzip", "unimplemented"],
  ] as const) {
    const reply = await fetch(`${url}/obsvty.v1.QueryService/Tail`, {
      method: "POST",
      headers: { "content-type": "application/connect+json", [name]: value },
      body: frame(Buffer.from("{}")) as unknown as string,
    });
    assert.equal(reply.status, 200);
    const { error } = JSON.parse((await reply.text()).slice(5));
    assert.equal(error.code, code);
    assert.match(error.message, new RegExp(name));
  }
});
