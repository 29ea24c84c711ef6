import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it, type TestContext } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import type { ReadingResources } from "../../src/adapters/inbound/body/body-reader.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { eventually, startObsvty } from "../support/obsvty.ts";
import { makeTraceRequest } from "../support/otlp.ts";
import { frame, startCall } from "../support/raw-grpc.ts";
import { connectHttp2, connectRaw, type TestServer } from "../support/server.ts";

// Callers that do not read their answers, and callers that begin a message and do not end it.

const settings = { REQUEST_TIMEOUT_MS: "200", SHUTDOWN_GRACE_MS: "60000" } as const;
/** A caller with this window allows the server to send headers and nothing else. */
const noWindow = { settings: { initialWindowSize: 0 } } as const;
const cancel = 8;

const trace = toBinary(requestSchemas.traces, makeTraceRequest({ count: 100 }));
const search = "/obsvty.v1.QueryService/SearchSpans";

function keepSpans({ core }: TestServer, requests = 1): void {
  for (let i = 0; i < requests; i++) core.ingest("traces", [trace], trace.byteLength, "grpc");
}

const inflight = ({ app }: TestServer) => app.getDecorator<ReadingResources>("bodies").inflight;

/** Without a cut call there would be one in flight for the whole grace. */
async function assertNothingIsOpen(server: TestServer): Promise<void> {
  assert.equal(await server.close(), 0);
}

describe("a caller that does not read its answer", () => {
  const rows = [
    [exportPath("traces"), "application/grpc", frame(trace)],
    [exportPath("traces"), "application/grpc+json", frame(Buffer.from("{}"))],
    [exportPath("traces"), "application/grpc-web+proto", frame(trace)],
    ["/v1/traces", "application/json", Buffer.from("{}")],
    ["/v1/traces", "application/x-protobuf", Buffer.from([0xff])],
    ["/nothing", "text/plain", Buffer.from("x")],
    ["/obsvty.v1.QueryService/GetStats", "application/json", Buffer.from("{}")],
    [search, "application/json", Buffer.from("{}")],
    [search, "application/grpc", frame(Buffer.alloc(0))],
    [search, "application/grpc-web+json", frame(Buffer.from("{}"))],
  ] as const;
  for (const [path, type, body] of rows) {
    it(`a caller that does not read its answer is cut when the time is over: ${type} to ${path}`, async (t) => {
      const server = await startObsvty(t, { settings });
      keepSpans(server);
      const { stream, reply } = startCall(connectHttp2(t, server, noWindow), path, { "content-type": type });
      const cut = reply.catch(() => {});
      stream.end(body);
      await once(stream, "response");
      await cut;
      assert.equal(stream.rstCode, cancel);
      assert.equal(server.core.answers.bytes, 0);
      await assertNothingIsOpen(server);
    });
  }

  it("a caller over HTTP/1.1 that does not read its answer is cut when the time is over", async (t) => {
    const server = await startObsvty(t, { settings: { ...settings, MAX_BUFFER_SIZE: "50000" } });
    // More than the buffers of a loopback connection take.
    keepSpans(server, 400);
    const { socket } = connectRaw(t, server);
    socket.pause();
    const body = JSON.stringify({ limit: 10_000, maxBytes: 67_108_864 });
    socket.write(
      `POST ${search} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
        `content-length: ${body.length}\r\n\r\n${body}`,
    );
    await eventually("the answer is made", () => server.core.answers.bytes > 2 ** 23 || undefined);
    await eventually("the call is cut", () => server.core.answers.bytes === 0 || undefined);
    await assertNothingIsOpen(server);
  });

  it("a caller that stops reading its Tail is cut, which is logged", async (t) => {
    const server = await startObsvty(t, { settings });
    const path = "/obsvty.v1.QueryService/Tail";
    const headers = { "content-type": "application/connect+json" };
    const { stream, reply } = startCall(connectHttp2(t, server, noWindow), path, headers);
    const cut = reply.catch(() => {});
    stream.end(frame(Buffer.from('{"spans":{}}')));
    await eventually("it tails", () => server.core.reader.watching() > 0 || undefined);
    keepSpans(server, 10);
    await cut;
    await eventually("the Tail has ended", () => server.core.reader.watching() === 0 || undefined);
    const [line, ...more] = server.logs.filter(({ level }) => level >= 40);
    assert.match(String(line?.reason), /has read nothing of the answer for 200 ms/);
    assert.equal(more.length, 0);
    await assertNothingIsOpen(server);
  });

  it("a caller that does not read its answer does not keep its connection from being idle", async (t) => {
    const server = await startObsvty(t, { settings: { ...settings, IDLE_TIMEOUT_MS: "1000" } });
    const session = connectHttp2(t, server, noWindow);
    const { stream, reply } = startCall(session, exportPath("traces"));
    reply.catch(() => {});
    stream.end(frame(trace));
    await once(session, "goaway");
    await once(session, "close");
  });
});

describe("a caller that reads slowly", () => {
  it("a caller that reads slowly gets the whole answer though it takes longer than REQUEST_TIMEOUT_MS", async (t) => {
    const server = await startObsvty(t, { settings: { ...settings, REQUEST_TIMEOUT_MS: "1000" } });
    keepSpans(server, 20);
    const session = connectHttp2(t, server);
    const { stream, reply } = startCall(session, search, { "content-type": "application/json" });
    stream.end('{"limit":2000}');
    const startMs = performance.now();
    // Chunks have 16 KiB at most.
    stream.on("data", () => {
      stream.pause();
      setTimeout(() => stream.resume(), 20);
    });
    const { httpStatus, body } = await reply;
    assert.equal(httpStatus, 200);
    assert.equal(JSON.parse(body.toString()).spans.length, 2_000);
    assert.ok(performance.now() - startMs > 1_000);
  });
});

describe("a stream of reflection", () => {
  const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

  async function unfinished(t: TestContext, server: TestServer) {
    const call = startCall(connectHttp2(t, server), path);
    // A message of 1,000 bytes, of which 500 are sent.
    call.stream.write(frame(Buffer.alloc(1_000)).subarray(0, 505));
    await eventually("the bytes are in flight", () => inflight(server).held === 505 || undefined);
    return call;
  }

  it("a reflection stream holds an unfinished message in flight, and ends when the message does not end", async (t) => {
    const server = await startObsvty(t, { settings });
    const { reply } = await unfinished(t, server);
    const { grpcStatus, grpcMessage } = await reply;
    assert.deepEqual([grpcStatus, grpcMessage], [4, "the request did not arrive within 200 ms"]);
    assert.equal(inflight(server).held, 0);
    await assertNothingIsOpen(server);
  });

  it("a reflection stream releases a message that has ended, and may pause between two", async (t) => {
    const server = await startObsvty(t, { settings: { ...settings, IDLE_TIMEOUT_MS: "1500" } });
    const { stream, reply } = startCall(connectHttp2(t, server), path);
    // list_services: "" in field 7.
    stream.write(frame(Buffer.from([0x3a, 0])));
    await once(stream, "data");
    assert.equal(inflight(server).held, 0);
    const { grpcStatus, grpcMessage, body } = await reply;
    assert.deepEqual([grpcStatus, grpcMessage], [4, "no message arrived within 1500 ms"]);
    assert.ok(body.byteLength > 0);
  });

  it("a reflection stream is refused when its message does not fit beside the bytes in flight", async (t) => {
    const server = await startObsvty(t, {
      settings: {
        REQUEST_TIMEOUT_MS: "60000",
        MAX_RECEIVE_MESSAGE_LENGTH: "1000",
        MAX_INFLIGHT_BYTES: "1000",
      },
    });
    await unfinished(t, server);
    const second = startCall(connectHttp2(t, server), path);
    second.stream.write(frame(Buffer.alloc(1_000)).subarray(0, 505));
    assert.equal((await second.reply).grpcStatus, 14);
  });

  it("reflection streams whose callers send whole messages and read no answer are ended when no more bytes fit in flight", async (t) => {
    const maxInflight = 4 << 20;
    const server = await startObsvty(t, {
      settings: { REQUEST_TIMEOUT_MS: "3600000", MAX_INFLIGHT_BYTES: String(maxInflight) },
    });
    // The caller gives no window to any answer.
    const session = connectHttp2(t, server, { settings: { initialWindowSize: 0 } });
    const messages = Buffer.concat(Array(50).fill(frame(Buffer.concat([nameOf(20_000), listServices]))));
    let ended = 0;
    for (let i = 0; i < 12; i++) {
      const { stream, reply } = startCall(session, path);
      reply.catch(() => {});
      stream.once("close", () => {
        ended += 1;
      });
      stream.write(messages);
    }
    // Each sends about 1 MB.
    await eventually("most have been ended", () => ended >= 8 || undefined);
    assert.ok(inflight(server).held <= maxInflight);
    assert.ok(ended < 12);
  });
});

const listServices = Buffer.from([0x3a, 0]);

/** The name of a host, of this length, in field 1. */
function nameOf(length: number): Buffer {
  return Buffer.concat([
    Buffer.from([0x0a, 0x80 | (length & 0x7f), 0x80 | ((length >> 7) & 0x7f), length >> 14]),
    Buffer.alloc(length, "x"),
  ]);
}
