import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, constants } from "node:http2";
import { describe, it } from "node:test";
import { exportPath } from "../../src/domain/signal.ts";
import { startObsvty } from "../support/obsvty.ts";
import { call, frame } from "../support/raw-grpc.ts";
import { connectFrames, flags, frameTypes, headerBlock } from "../support/raw-http2.ts";
import { connectHttp2, connectRaw } from "../support/server.ts";

const getStats = "/obsvty.v1.QueryService/GetStats";
const body = "content-type: application/json\r\ncontent-length: 2\r\n";

describe("an HTTP/1.1 request is refused with 400 when", { concurrency: true }, () => {
  for (const [what, head] of [
    ["it has two Host headers", `POST ${getStats} HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\n`],
    ["its target names another host", `POST http://evil.example${getStats} HTTP/1.1\r\nhost: localhost\r\n`],
    ["its Host has no valid port", `POST ${getStats} HTTP/1.1\r\nhost: localhost:99999\r\n`],
    ["its Host is no host name", `POST /grpc.health.v1.Health/Check HTTP/1.1\r\nhost: a b\r\n`],
  ] as const) {
    it(`an HTTP/1.1 request is refused with 400 when ${what}`, async (t) => {
      const { socket, received } = connectRaw(t, await startObsvty(t));
      socket.write(`${head}${body}\r\n{}`);
      await received(/^HTTP\/1\.1 400 [\s\S]*"code":"/);
    });
  }
});

for (const fastPath of [true, false]) {
  it(`an export is accepted whatever its Host is, ${fastPath ? "on the fast path" : "by Fastify"}`, async (t) => {
    const { socket, received } = connectRaw(t, await startObsvty(t, { fastPath }));
    for (const path of [exportPath("traces"), "/v1/traces"]) {
      socket.write(`POST ${path} HTTP/1.1\r\nhost: a b\r\n${body}\r\n{}`);
    }
    await received(/^HTTP\/1\.1 200 [\s\S]*HTTP\/1\.1 200 /);
  });
}

describe("an HTTP/1.1 request in absolute form", () => {
  it("a request whose target and Host name the same host is served", async (t) => {
    const { socket, received } = connectRaw(t, await startObsvty(t));
    socket.write(`POST http://localhost${getStats} HTTP/1.1\r\nhost: localhost\r\n${body}\r\n{}`);
    await received(/^HTTP\/1\.1 200 [\s\S]*"signals"/);
  });

  it("a target with a password leaves none in the log", async (t) => {
    const server = await startObsvty(t);
    const { socket, received } = connectRaw(t, server);
    socket.write(
      "GET http://user:s3cret@localhost/nothing?q HTTP/1.1\r\nhost: user:s3cret@localhost\r\n\r\n",
    );
    await received(/^HTTP\/1\.1 404/);
    assert.equal(server.logs.filter(({ path }) => path === "/nothing").length, 1);
    assert.doesNotMatch(JSON.stringify(server.logs), /s3cret/);
  });
});

it("a transfer coding other than chunked is refused, over HTTP/1.1", async (t) => {
  const { socket, received } = connectRaw(t, await startObsvty(t));
  const head = "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
  socket.write(`${head}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`);
  await received(/^HTTP\/1\.1 4\d\d [\s\S]*no transfer coding but chunked/);
});

describe("a body in thousands of pieces of one byte closes its connection, and no other:", () => {
  const pieces = 10_000;
  const grpcHeaders = (path: string) => ({
    ":method": "POST",
    ":scheme": "http",
    ":path": path,
    ":authority": "localhost",
    te: "trailers",
    "content-type": "application/grpc",
  });

  for (const [what, path] of [
    ["an export over gRPC", exportPath("traces")],
    ["a search over gRPC", "/obsvty.v1.QueryService/SearchSpans"],
    ["a question to the reflection service", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"],
  ] as const) {
    it(`a body in thousands of one-byte pieces closes its connection alone: ${what}`, async (t) => {
      const server = await startObsvty(t);
      const other = connectHttp2(t, server);
      const { send, closed } = connectFrames(t, server);
      send(frameTypes.headers, flags.endHeaders, 1, headerBlock(grpcHeaders(path)));
      send(frameTypes.data, 0, 1, frame(Buffer.alloc(60_000)).subarray(0, 5));
      for (let i = 0; i < pieces; i++) send(frameTypes.data, 0, 1, Buffer.of(0));
      await closed;
      assert.equal((await call(other, exportPath("traces"), frame(Buffer.alloc(0)))).grpcStatus, 0);
      const lines = server.logs.filter((line) => line.path === path);
      assert.deepEqual(
        lines.map(({ code }) => code),
        ["protocol-error"],
      );
    });
  }

  for (const path of ["/v1/traces", "/obsvty.v1.QueryService/SearchSpans"]) {
    it(`a body in thousands of one-byte pieces closes its connection alone: a POST to ${path} in chunks over HTTP/1.1`, async (t) => {
      const server = await startObsvty(t);
      const { socket } = connectRaw(t, server);
      socket.on("error", () => {});
      const closed = once(socket, "close");
      const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`;
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n${"1\r\n \r\n".repeat(pieces)}`);
      await closed;
      assert.equal((await fetch(`${server.url}/livez`)).status, 200);
      assert.equal(server.logs.filter(({ code }) => code === "protocol-error").length, 1);
    });
  }

  it("a body of 50,000 pieces of 20 bytes is read", async (t) => {
    const server = await startObsvty(t);
    const { socket, received } = connectRaw(t, server);
    const head = "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    const piece = `14\r\n${" ".repeat(20)}\r\n`;
    socket.write(`${head}transfer-encoding: chunked\r\n\r\n${piece.repeat(50_000)}2\r\n{}\r\n0\r\n\r\n`);
    await received(/^HTTP\/1\.1 200 /);
  });
});

describe("over HTTP/2", () => {
  it("a call over HTTP/2 with more than 16 KiB of headers is reset, and the connection serves the next", async (t) => {
    const session = connectHttp2(t, await startObsvty(t));
    const metadata = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`x-${i}`, "v".repeat(4_000)]));
    const path = exportPath("traces");
    // The limit is in force once the client has acknowledged the server's settings.
    await call(session, path, frame(Buffer.alloc(0)));
    await assert.rejects(call(session, path, frame(Buffer.alloc(0)), metadata));
    assert.equal((await call(session, path, frame(Buffer.alloc(0)))).grpcStatus, 0);
  });

  it("HTTP/2 calls that send nothing but headers are refused when there are thousands, which may be repeated", async (t) => {
    const server = await startObsvty(t);
    const sessions = Array.from({ length: 30 }, () => connectHttp2(t, server));
    const expected = 200;
    let refused = 0;
    const manyRefused = Promise.withResolvers<void>();
    const streams = sessions.flatMap((session) => Array.from({ length: 100 }, () => openCall(session)));
    for (const stream of streams) {
      stream.on("close", () => {
        assert.equal(stream.rstCode, constants.NGHTTP2_REFUSED_STREAM);
        refused += 1;
        if (refused === expected) manyRefused.resolve();
      });
    }
    await manyRefused.promise;
    assert.ok(streams.filter(({ closed }) => !closed).length > 2_000);
    for (const stream of streams) stream.removeAllListeners("close");
    assert.equal(server.logs.filter(({ msg }) => msg === "call refused, too many are open").length, 1);
    for (const session of sessions) session.destroy();
    const session = connectHttp2(t, server);
    assert.equal((await call(session, exportPath("traces"), frame(Buffer.alloc(0)))).grpcStatus, 0);
  });
});

/** Sends the headers of an export and nothing more. */
function openCall(session: ClientHttp2Session): ClientHttp2Stream {
  const headers = { ":method": "POST", ":path": exportPath("traces"), "content-type": "application/grpc" };
  const stream = session.request(headers, { endStream: false });
  stream.on("error", () => {});
  return stream;
}
