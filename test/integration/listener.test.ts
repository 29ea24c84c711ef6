import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { exportPath } from "../../src/domain/signal.ts";
import { eventually } from "../support/obsvty.ts";
import { call, frame, startCall } from "../support/raw-grpc.ts";
import { connectHttp2, connectRaw, startServer } from "../support/server.ts";

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const settingsFrame = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
const exportTraces = exportPath("traces");

describe("one port", () => {
  it("one port speaks HTTP/1.1 and HTTP/2", async (t) => {
    const server = await startServer(t);
    const overHttp1 = await fetch(`${server.url}/livez`);
    assert.equal(overHttp1.status, 200);
    const overHttp2 = await call(connectHttp2(t, server), exportTraces, frame(Buffer.alloc(0)));
    assert.equal(overHttp2.grpcStatus, 0);
  });

  it("HTTP/2 is recognised by a preface that arrives byte by byte", async (t) => {
    const server = await startServer(t);
    const { socket, received } = connectRaw(t, server);
    socket.setNoDelay(true);
    for (const byte of preface) {
      socket.write(byte);
      await new Promise(setImmediate);
    }
    socket.write(settingsFrame);
    // The fourth byte of a frame is its type: the server answers with SETTINGS.
    assert.equal((await received(/.{4}/s)).charCodeAt(3), 4);
  });

  it("a POST over HTTP/1.1 is served though it begins like the HTTP/2 preface", async (t) => {
    const server = await startServer(t);
    const { socket, received } = connectRaw(t, server);
    socket.write("P");
    await new Promise(setImmediate);
    socket.write("OST /nope HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
    assert.match(await received(/}/), /^HTTP\/1\.1 404 /);
  });

  const broken = {
    "a broken HTTP/2 preface": "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
    "a TLS hello": "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
    noise: "\x00\x01\x02\x03\r\n\r\n",
  };
  for (const [what, bytes] of Object.entries(broken)) {
    it(`a connection with ${what} is answered 400, and the server goes on`, async (t) => {
      const server = await startServer(t);
      const { socket, untilClosed } = connectRaw(t, server);
      socket.write(Buffer.from(bytes, "latin1"));
      assert.match(await untilClosed, /^HTTP\/1\.1 400 .*\{"code":"invalid_argument",/s);
      assert.equal((await fetch(`${server.url}/livez`)).status, 200);
    });
  }

  it("a connection that a Go client closes is logged in one line at debug, without a stack", async (t) => {
    const server = await startServer(t, { settings: { LOG_LEVEL: "debug" } });
    const { socket, untilClosed } = connectRaw(t, server);
    const goAwayOfStream1 = Buffer.from([0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
    socket.end(Buffer.concat([Buffer.from(preface), settingsFrame, goAwayOfStream1]));
    await untilClosed;
    const { pid, hostname, time, ...line } = await eventually("it is logged", () =>
      server.logs.find(({ msg }) => msg === "HTTP/2 session failed"),
    );
    const reason = "Protocol error";
    assert.deepEqual(line, { level: 20, remote: "127.0.0.1", reason, msg: "HTTP/2 session failed" });
  });

  it("the server survives invalid HTTP/2 frames, and resets at any point of a connection", async (t) => {
    const server = await startServer(t);
    for (const bytes of [
      "",
      "P",
      preface,
      `${preface}\xff\xff\xff\xff\xff\xff\xff\xff\xff`,
      "POST / HTTP/1.1\r\nho",
    ]) {
      const { socket, untilClosed } = connectRaw(t, server);
      await once(socket, "connect");
      socket.write(Buffer.from(bytes, "latin1"), () => socket.resetAndDestroy());
      await untilClosed;
    }
    const session = connectHttp2(t, server);
    const { stream, reply } = startCall(session, exportTraces);
    stream.write(frame(Buffer.alloc(100)).subarray(0, 50));
    stream.close(8);
    await reply.catch(() => {});
    assert.equal((await call(session, exportTraces, frame(Buffer.alloc(0)))).grpcStatus, 0);
  });
});

describe("limits of connections", () => {
  it("a connection that does not show its protocol in time is closed", async (t) => {
    const server = await startServer(t, { settings: { REQUEST_TIMEOUT_MS: "50" } });
    const { socket, untilClosed } = connectRaw(t, server);
    socket.write("PRI * HT");
    assert.equal(await untilClosed, "");
  });

  it("HTTP/1.1 headers that come too slowly are answered with 408", async (t) => {
    const server = await startServer(t, { settings: { REQUEST_TIMEOUT_MS: "50" } });
    const { socket, untilClosed } = connectRaw(t, server);
    socket.write("GET /livez HTTP/1.1\r\nhost: x\r\n");
    assert.match(await untilClosed, /^HTTP\/1\.1 408 .*\{"code":"deadline_exceeded",/s);
  });

  it("an HTTP/2 connection is told MAX_CONCURRENT_STREAMS and a window of 1 MiB", async (t) => {
    const server = await startServer(t, { settings: { MAX_CONCURRENT_STREAMS: "7" } });
    const session = connectHttp2(t, server);
    const [settings] = await once(session, "remoteSettings");
    assert.equal(settings.maxConcurrentStreams, 7);
    assert.equal(settings.initialWindowSize, 2 ** 20);
  });

  it("an idle HTTP/2 connection is closed by GOAWAY even if it sends PINGs", async (t) => {
    const server = await startServer(t, { settings: { IDLE_TIMEOUT_MS: "60" } });
    const session = connectHttp2(t, server);
    const pings = setInterval(() => session.closed || session.ping(() => {}), 10);
    t.after(() => clearInterval(pings));
    const [code] = await once(session, "goaway");
    assert.equal(code, 0);
    if (!session.destroyed) {
      await once(session, "close");
    }
  });

  it("an HTTP/2 connection with an open call is not idle", async (t) => {
    const server = await startServer(t, { settings: { IDLE_TIMEOUT_MS: "20" } });
    const session = connectHttp2(t, server);
    const { stream, reply } = startCall(session, exportTraces);
    stream.write(frame(Buffer.alloc(4)).subarray(0, 5));
    // Two other connections open, idle and are closed meanwhile, so the first could have been closed too.
    await once(connectHttp2(t, server), "close");
    await once(connectHttp2(t, server), "close");
    stream.end(Buffer.alloc(4));
    assert.equal((await reply).grpcStatus, 0);
  });

  it("an HTTP/2 connection of MAX_CONNECTION_AGE_MS is closed by GOAWAY, and its open call is answered", async (t) => {
    const server = await startServer(t, { settings: { MAX_CONNECTION_AGE_MS: "100" } });
    const session = connectHttp2(t, server);
    const goaway = once(session, "goaway");
    const { stream, reply } = startCall(session, exportTraces);
    stream.write(frame(Buffer.alloc(4)).subarray(0, 5));
    const [code] = await goaway;
    assert.equal(code, 0);
    stream.end(Buffer.alloc(4));
    assert.equal((await reply).grpcStatus, 0);
    if (!session.destroyed) await once(session, "close");
  });

  it("an HTTP/1.1 connection of MAX_CONNECTION_AGE_MS is closed by an answer that says so", async (t) => {
    const server = await startServer(t, { settings: { MAX_CONNECTION_AGE_MS: "50" } });
    const { socket, untilClosed } = connectRaw(t, server);
    const ask = () => socket.writable && socket.write("GET /livez HTTP/1.1\r\nhost: x\r\n\r\n");
    ask();
    // A peer that asks again and again is not idle.
    const asking = setInterval(ask, 10);
    t.after(() => clearInterval(asking));
    const answers = (await untilClosed).split("HTTP/1.1 200").slice(1);
    assert.ok(answers.length > 1);
    assert.deepEqual(
      answers.map((answer) => /\r\nconnection: close\r\n/i.test(answer)),
      answers.map((_, i) => i === answers.length - 1),
    );
  });

  it("20 bodies of the largest size are accepted at once on one HTTP/2 connection", async (t) => {
    const server = await startServer(t, { settings: { MAX_INFLIGHT_BYTES: String(2 ** 30) } });
    const session = connectHttp2(t, server);
    const body = frame(Buffer.alloc(4_194_304));
    const replies = await Promise.all(Array.from({ length: 20 }, () => call(session, exportTraces, body)));
    assert.deepEqual(new Set(replies.map(({ grpcStatus }) => grpcStatus)), new Set([0]));
  });
});
