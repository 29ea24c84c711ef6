import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exportPath } from "../../src/domain/signal.ts";
import { callers } from "../support/error-reply.ts";
import { startCall } from "../support/raw-grpc.ts";
import { connectHttp2, connectRaw, startServer } from "../support/server.ts";

// Calls that are refused before their body has been read to its end, and what becomes of their connection.

const settings = { MAX_RECEIVE_MESSAGE_LENGTH: "1000" } as const;
const getStats = "/obsvty.v1.QueryService/GetStats";
const tail = "/obsvty.v1.QueryService/Tail";
const exportTraces = exportPath("traces");

/** The prefix of a message over the limit, and the first bytes of the message. */
const overLimit = Buffer.concat([Buffer.from([0, 0, 0x10, 0, 0]), Buffer.alloc(2_000)]);
const twoMessages = Buffer.alloc(10);
const longJson = Buffer.from(`{"a":"${"a".repeat(2_000)}`);

interface Refused {
  readonly path: string;
  readonly type: string;
  /** The part of the body that is sent. */
  readonly body: Buffer;
}

const refused: Readonly<Record<string, Refused>> = {
  "a gRPC-Web call over the limit": { path: getStats, type: "application/grpc-web+proto", body: overLimit },
  "a gRPC-Web export over the limit": { path: exportTraces, type: "application/grpc-web", body: overLimit },
  "a gRPC-Web call in JSON over the limit": {
    path: getStats,
    type: "application/grpc-web+json",
    body: overLimit,
  },
  "a Connect call over the limit": { path: getStats, type: "application/json", body: longJson },
  "a Connect export over the limit": { path: exportTraces, type: "application/json", body: longJson },
  "a Tail over the limit": { path: tail, type: "application/connect+json", body: overLimit },
  "a gRPC-Web call with a second message": {
    path: getStats,
    type: "application/grpc-web+proto",
    body: twoMessages,
  },
  "a Tail with a second message": { path: tail, type: "application/connect+proto", body: twoMessages },
  "an OTLP/HTTP export over the limit": { path: "/v1/traces", type: "application/json", body: longJson },
  "a request to an unknown path": { path: "/nothing", type: "application/json", body: longJson },
  "a call with an unsupported type": { path: getStats, type: "text/plain", body: longJson },
};

function head(path: string, type: string, length: string): string {
  return `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\n${length}\r\n\r\n`;
}

describe("over HTTP/1.1", { concurrency: true }, () => {
  for (const [name, { path, type, body }] of Object.entries(refused)) {
    it(`an HTTP/1.1 connection closes after ${name} whose body goes on`, async (t) => {
      const { socket, untilClosed } = connectRaw(t, await startServer(t, { settings }));
      socket.write(head(path, type, "transfer-encoding: chunked"));
      socket.write(`${body.byteLength.toString(16)}\r\n`);
      socket.write(body);
      socket.write("\r\n");
      const text = await untilClosed;
      assert.match(text, /^HTTP\/1\.1 \d+ /);
      assert.match(text, /^connection: close\r$/im);
      assert.equal(text.match(/^HTTP\/1\.1 /gm)?.length, 1);
    });

    it(`an HTTP/1.1 connection serves the next request after ${name} whose body ends`, async (t) => {
      const { socket, received } = connectRaw(t, await startServer(t, { settings }));
      socket.write(head(path, type, `content-length: ${body.byteLength}`));
      socket.write(body);
      await received(/^HTTP\/1\.1 \d+ /);
      socket.write("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n");
      await received(/HTTP\/1\.1 200 OK[\s\S]*\{"status":"ok"\}/);
    });
  }
});

describe("over HTTP/2", () => {
  const noError = 0;
  const grpc: Readonly<Record<string, Refused>> = {
    "a gRPC call over the limit": { path: getStats, type: "application/grpc", body: overLimit },
    "a gRPC export over the limit": { path: exportTraces, type: "application/grpc+json", body: overLimit },
    "a gRPC call with a second message": { path: getStats, type: "application/grpc", body: twoMessages },
  };
  for (const [name, { path, type, body }] of Object.entries({ ...refused, ...grpc })) {
    it(`an HTTP/2 stream ends without an error after ${name} whose body goes on`, async (t) => {
      const session = connectHttp2(t, await startServer(t, { settings }));
      const { stream, reply } = startCall(session, path, { "content-type": type });
      stream.write(body);
      assert.equal((await reply).rstCode, noError);
    });
  }

  it("an HTTP/2 connection serves further calls after refused ones", async (t) => {
    const server = await startServer(t, { settings });
    const { code } = await callers.grpc(t, server, { path: getStats, body: overLimit });
    assert.equal(code, 8);
    assert.equal((await callers.grpc(t, server, { path: "/nobody.v1.Nothing/Do" })).code, 12);
  });
});
