import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { QueryService } from "../../gen/obsvty/v1/query_pb.ts";
import type { ConnectRegistrar } from "../../src/adapters/inbound/connect/plugin.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { frame, startCall } from "../support/raw-grpc.ts";
import { connectHttp2, connectRaw, startServer } from "../support/server.ts";
import { startTlsServer } from "../support/tls.ts";

const getStats = "/obsvty.v1.QueryService/GetStats";
const longGrace = { SHUTDOWN_GRACE_MS: "60000" };

/** GetStats that says when it was called and answers when told to. */
function heldCall() {
  const called = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const registrar: ConnectRegistrar = (router) => {
    router.service(QueryService, {
      getStats: async () => {
        called.resolve();
        await answer.promise;
        return {};
      },
    });
  };
  return { registrars: [registrar], called: called.promise, answer: () => answer.resolve() };
}

describe("stopping", () => {
  it("a stop tells HTTP/2 clients with GOAWAY and finishes their calls", async (t) => {
    const held = heldCall();
    const server = await startServer(t, { registrars: held.registrars, settings: longGrace });
    const session = connectHttp2(t, server);
    const { stream, reply } = startCall(session, getStats);
    stream.end(frame(Buffer.alloc(0)));
    await held.called;
    const closing = server.close();
    await once(session, "goaway");
    held.answer();
    assert.equal((await reply).grpcStatus, 0);
    assert.equal(await closing, 0);
  });

  it("a stop finishes an HTTP/1.1 call and then closes its connection", async (t) => {
    const held = heldCall();
    const server = await startServer(t, { registrars: held.registrars, settings: longGrace });
    const { socket, untilClosed } = connectRaw(t, server);
    socket.write(
      `POST ${getStats} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`,
    );
    await held.called;
    const closing = server.close();
    held.answer();
    assert.match(await untilClosed, /^HTTP\/1\.1 200 .*connection: close/is);
    assert.equal(await closing, 0);
  });

  it("a stop waits for a body that is still being sent", async (t) => {
    const server = await startServer(t, { settings: longGrace });
    const session = connectHttp2(t, server);
    await once(session, "remoteSettings");
    const { stream, reply } = startCall(session, exportPath("logs"));
    stream.write(frame(Buffer.alloc(6)).subarray(0, 7));
    await new Promise((resolve) => session.ping(resolve));
    const closing = server.close();
    await once(session, "goaway");
    stream.end(Buffer.alloc(4));
    assert.equal((await reply).grpcStatus, 0);
    assert.equal(await closing, 0);
  });

  it("a stop clears every interval that the server has set", async (t) => {
    const set = t.mock.method(globalThis, "setInterval");
    const cleared = t.mock.method(globalThis, "clearInterval");
    const server = await startTlsServer(t, { TLS_ALLOW_CLEARTEXT: "true", OTLP_HTTP_PORT: "0" });
    const timers = set.mock.calls.map(({ result }) => result);
    assert.ok(timers.length > 0);
    assert.equal(await server.close(), 0);
    const gone = new Set(cleared.mock.calls.map(({ arguments: [timer] }) => timer));
    assert.deepEqual(
      timers.filter((timer) => !gone.has(timer)),
      [],
    );
  });

  it("a stop closes idle and silent connections at once", async (t) => {
    const server = await startServer(t, { settings: longGrace });
    const session = connectHttp2(t, server);
    await once(session, "remoteSettings");
    const silent = connectRaw(t, server);
    const keptAlive = connectRaw(t, server);
    keptAlive.socket.write("GET /livez HTTP/1.1\r\nhost: x\r\n\r\n");
    await keptAlive.received(/}/);
    assert.equal(await server.close(), 0);
    await Promise.all([silent.untilClosed, keptAlive.untilClosed]);
  });

  it("a stop cuts the calls in flight when the grace runs out, and says how many", async (t) => {
    const held = heldCall();
    const server = await startServer(t, {
      registrars: held.registrars,
      settings: { SHUTDOWN_GRACE_MS: "50" },
    });
    const session = connectHttp2(t, server);
    const { stream, reply } = startCall(session, getStats);
    stream.end(frame(Buffer.alloc(0)));
    const cut = reply.then(
      ({ grpcStatus }) => grpcStatus,
      () => -1,
    );
    await held.called;
    assert.equal(await server.close(), 1);
    assert.equal(await cut, -1);
  });

  it("a server stops once, however often it is told to", async (t) => {
    const server = await startServer(t);
    assert.deepEqual(await Promise.all([server.close(), server.close()]), [0, 0]);
  });
});
