import assert from "node:assert/strict";
import { once } from "node:events";
import type { ClientHttp2Session } from "node:http2";
import { describe, it, type TestContext } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import { exportPath } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { eventually, startObsvty } from "../support/obsvty.ts";
import { makeTraceRequest } from "../support/otlp.ts";
import { call, frame, startCall } from "../support/raw-grpc.ts";
import { connectFrames, flags, frameTypes, headerBlock } from "../support/raw-http2.ts";
import { connectHttp2, connectRaw, startServer, type TestServer } from "../support/server.ts";
import { getHttps, startTlsServer, type TlsServer } from "../support/tls.ts";

const path = exportPath("traces");
const empty = frame(Buffer.alloc(0));

const statusOver = async (session: ClientHttp2Session) => (await call(session, path, empty)).grpcStatus;

/** A connection with a call in flight, whose body does not end. */
async function connectBusy(t: TestContext, server: TestServer, trust = {}): Promise<ClientHttp2Session> {
  const session = connectHttp2(t, server, trust);
  // A PING is answered at once while the session is still connecting.
  await once(session, "remoteSettings");
  const { stream, reply } = startCall(session, path);
  reply.catch(() => {});
  stream.write(empty.subarray(0, 3));
  await new Promise<void>((resolve) => session.ping(() => resolve()));
  return session;
}

/** A connection that has made a call and is idle. */
async function connectIdle(t: TestContext, server: TestServer, trust = {}): Promise<ClientHttp2Session> {
  const session = connectHttp2(t, server, trust);
  assert.equal(await statusOver(session), 0);
  return session;
}

const request = headerBlock({ ":method": "GET", ":scheme": "http", ":path": "/livez", ":authority": "x" });

describe("the connections of one client", () => {
  it("the connections of one client are at most half of MAX_CONNECTIONS by default; one more is closed while all have calls in flight", async (t) => {
    const server = await startServer(t, { settings: { MAX_CONNECTIONS: "4" } });
    const busy = [await connectBusy(t, server), await connectBusy(t, server)];
    assert.equal(await connectRaw(t, server).untilClosed, "");
    for (const session of busy) assert.equal(await statusOver(session), 0);
    const [line] = server.logs.filter(({ msg }) => msg === "connection refused, too many are open");
    assert.deepEqual([line?.remote, line?.maxConnectionsPerClient], ["127.0.0.1", 2]);
  });

  it("the connections of one client count over both ports together", async (t) => {
    const settings = { MAX_CONNECTIONS: "1", OTLP_HTTP_PORT: "0" };
    const server = await startServer(t, { settings });
    const busy = await connectBusy(t, server);
    await assert.rejects(fetch(`${server.httpUrl}/livez`));
    busy.destroy();
    await eventually("the connection is gone", async () => {
      const reply = await fetch(`${server.httpUrl}/livez`).catch(() => undefined);
      return reply?.status === 200 ? true : undefined;
    });
  });

  it("the connections of one client are at most as many as MAX_CONNECTIONS_PER_CLIENT says", async (t) => {
    const settings = { MAX_CONNECTIONS: "4", MAX_CONNECTIONS_PER_CLIENT: "1" };
    const server = await startServer(t, { settings });
    const busy = await connectBusy(t, server);
    assert.equal(await connectRaw(t, server).untilClosed, "");
    assert.equal(await statusOver(busy), 0);
    assert.ok(server.logs.some(({ maxConnectionsPerClient }) => maxConnectionsPerClient === 1));
  });

  it("a connection over TLS counts once for its client, until it has gone", async (t) => {
    const server = await startTlsServer(t, { MAX_CONNECTIONS_PER_CLIENT: "2" });
    const [first] = [await connectBusy(t, server, server.trust), await connectBusy(t, server, server.trust)];
    const third = () => getHttps(`${server.url}/livez`, server.trust);
    await assert.rejects(third());
    first?.destroy();
    await eventually("a place is free again", () =>
      third().then(
        ({ status }) => status === 200 || undefined,
        () => undefined,
      ),
    );
  });
});

describe("the connection that has been idle longest is closed for a new one", () => {
  const settings = { MAX_CONNECTIONS: "2", MAX_CONNECTIONS_PER_CLIENT: "2" };
  const over = {
    "in cleartext": async (t: TestContext) => ({ ...(await startServer(t, { settings })), trust: {} }),
    "over TLS": (t: TestContext): Promise<TestServer & Pick<TlsServer, "trust">> =>
      startTlsServer(t, settings),
  };
  for (const [what, start] of Object.entries(over)) {
    it(`the longest idle connection is closed for a new one by a GOAWAY over HTTP/2, ${what}`, async (t) => {
      const server = await start(t);
      const [first, second] = [
        await connectIdle(t, server, server.trust),
        await connectIdle(t, server, server.trust),
      ];
      // From now on the second has been idle for longer.
      assert.equal(await statusOver(first), 0);
      const goaway = once(second, "goaway");
      const closed = once(second, "close");
      const third = await connectIdle(t, server, server.trust);
      assert.equal((await goaway)[0], 0);
      await closed;
      for (const session of [first, third]) assert.equal(await statusOver(session), 0);
    });
  }

  it("the longest idle connection over HTTP/1.1 is closed for a new one", async (t) => {
    const server = await startServer(t, { settings });
    const keptAlive = connectRaw(t, server);
    keptAlive.socket.write("GET /livez HTTP/1.1\r\nhost: x\r\n\r\n");
    await keptAlive.received(/}/);
    const second = await connectIdle(t, server);
    const third = await connectIdle(t, server);
    await keptAlive.untilClosed;
    for (const session of [second, third]) assert.equal(await statusOver(session), 0);
  });

  it("the longest idle connection is closed for a new one before it has shown its protocol", async (t) => {
    const server = await startServer(t, { settings });
    const silent = connectRaw(t, server);
    await once(silent.socket, "connect");
    const second = await connectIdle(t, server);
    const third = await connectIdle(t, server);
    assert.equal(await silent.untilClosed, "");
    for (const session of [second, third]) assert.equal(await statusOver(session), 0);
  });

  it("a connection that has a call in flight is not closed for a new one", async (t) => {
    const server = await startServer(t, { settings });
    const busy = await connectBusy(t, server);
    const idle = await connectIdle(t, server);
    const closed = once(idle, "close");
    const third = await connectIdle(t, server);
    await closed;
    for (const session of [busy, third]) assert.equal(await statusOver(session), 0);
  });
});

describe("a connection without a first call", () => {
  const settings = { FIRST_CALL_TIMEOUT_MS: "60" };

  it("a connection without a first call is closed by GOAWAY over HTTP/2, also when it sends PINGs", async (t) => {
    const server = await startServer(t, { settings });
    const called = await connectIdle(t, server);
    const silent = connectHttp2(t, server);
    const pings = setInterval(() => silent.closed || silent.ping(() => {}), 10);
    t.after(() => clearInterval(pings));
    const closed = once(silent, "close");
    await once(silent, "goaway");
    await closed;
    assert.equal(await statusOver(called), 0);
  });

  it("a connection that has sent only a part of its first HTTP/1.1 request is closed", async (t) => {
    const server = await startServer(t, { settings });
    const { socket, untilClosed } = connectRaw(t, server);
    socket.write("GET /livez HTTP/1.1\r\nhost: x\r\n");
    assert.equal(await untilClosed, "");
  });

  it("a connection over TLS without a first call is closed", async (t) => {
    const server = await startTlsServer(t, settings);
    const session = connectHttp2(t, server, server.trust);
    const closed = once(session, "close");
    await once(session, "goaway");
    await closed;
  });
});

describe("an HTTP/2 header block that never ends", () => {
  // Half a minute and longer are left to a first call and to an idle connection.
  const settings = { REQUEST_TIMEOUT_MS: "80" };

  it("an HTTP/2 header block that never ends is cut", async (t) => {
    const server = await startServer(t, { settings });
    const connection = connectFrames(t, server);
    connection.send(frameTypes.headers, flags.endStream, 1, request);
    await connection.closed;
  });

  it("an HTTP/2 header block that goes on in CONTINUATION frames is cut, after a call that was answered", async (t) => {
    const server = await startServer(t, { settings });
    const connection = connectFrames(t, server);
    connection.send(frameTypes.headers, flags.endStream | flags.endHeaders, 1, request);
    await connection.received(({ stream, flags: set }) => stream === 1 && (set & flags.endStream) !== 0);
    connection.send(frameTypes.headers, flags.endStream, 3, request);
    // nghttp2 itself closes a connection after eight of them.
    for (const name of ["x-1", "x-2", "x-3"]) {
      connection.send(frameTypes.continuation, 0, 3, headerBlock({ [name]: "y" }));
    }
    await connection.closed;
  });

  it("a connection whose call was refused for its headers goes on", async (t) => {
    const server = await startServer(t, { settings });
    const refused = headerBlock({ ":method": "GET", ":path": "/livez", "UPPER-CASE": "x" });
    const connection = connectFrames(t, server);
    connection.send(frameTypes.headers, flags.endStream | flags.endHeaders, 1, refused);
    await connection.received(({ type, stream }) => type === frameTypes.reset && stream === 1);
    const { payload } = await connection.received(
      ({ type, flags: set }) => type === frameTypes.ping && set === 0,
    );
    connection.send(frameTypes.ping, flags.ack, 0, payload);
    // This one begins later and is cut, so the first could have been.
    const endless = connectFrames(t, server);
    endless.send(frameTypes.headers, flags.endStream, 1, request);
    await endless.closed;
    connection.send(frameTypes.headers, flags.endStream | flags.endHeaders, 3, request);
    await connection.received(({ type, stream }) => type === frameTypes.headers && stream === 3);
  });
});

describe("a caller over HTTP/2 that reads nothing from its connection", () => {
  const trace = toBinary(requestSchemas.traces, makeTraceRequest({ count: 100 }));

  /** Resolves when its call is over, with more to write than a loopback connection takes. */
  async function connectDeaf(t: TestContext, server: TestServer) {
    for (let i = 0; i < 400; i++) server.core.ingest("traces", [trace], trace.byteLength, "grpc");
    const connection = connectFrames(t, server);
    connection.socket.pause();
    const largest = Buffer.alloc(4, 0x7f);
    connection.send(frameTypes.settings, 0, 0, Buffer.concat([Buffer.of(0, 4), largest]));
    connection.send(8, 0, 0, Buffer.of(0x7f, 0, 0, 0));
    const search = headerBlock({
      ":method": "POST",
      ":scheme": "http",
      ":authority": "localhost",
      ":path": "/obsvty.v1.QueryService/SearchSpans",
      "content-type": "application/json",
    });
    connection.send(frameTypes.headers, flags.endHeaders, 1, search);
    const body = JSON.stringify({ limit: 10_000, maxBytes: 67_108_864 });
    connection.send(frameTypes.data, flags.endStream, 1, Buffer.from(body));
    await eventually("the answer is made", () => server.core.answers.bytes > 2 ** 23 || undefined);
    await eventually("the call is cut", () => server.core.answers.bytes === 0 || undefined);
    return connection;
  }
  const buffer = { MAX_BUFFER_SIZE: "50000", REQUEST_TIMEOUT_MS: "200" };

  it("a caller over HTTP/2 that reads nothing does not hold up the stop beyond the grace", async (t) => {
    const server = await startObsvty(t, { settings: { ...buffer, SHUTDOWN_GRACE_MS: "500" } });
    await connectDeaf(t, server);
    assert.equal(await server.close(), 0);
  });

  it("an idle caller over HTTP/2 that reads nothing is closed, so that a stop need not wait for it", async (t) => {
    const settings = { ...buffer, IDLE_TIMEOUT_MS: "100", SHUTDOWN_GRACE_MS: "3600000" };
    const server = await startObsvty(t, { settings });
    const { socket } = await connectDeaf(t, server);
    // What the system still holds for it comes first.
    const ended = once(socket, "close");
    await eventually("the server has closed it", () => {
      const connections = Promise.withResolvers<number>();
      server.app.server.getConnections((_error, count) => connections.resolve(count));
      return connections.promise.then((count) => count === 0 || undefined);
    });
    socket.resume();
    await ended;
  });
});
