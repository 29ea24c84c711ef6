import assert from "node:assert/strict";
import { test } from "node:test";
import { ListenError } from "../../src/app.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { startFailure } from "../../src/process/start-failure.ts";
import { freePort } from "../support/free-port.ts";
import { call, frame } from "../support/raw-grpc.ts";
import { connectHttp2, startServer } from "../support/server.ts";

const skip = process.platform !== "linux" && "Linux alone shares connections out among listeners";
const refused = { name: "ListenError", setting: "OTLP_GRPC_PORT" };

test("with REUSE_PORT two servers listen on the same ports, and both get connections", {
  skip,
}, async (t) => {
  const settings = {
    OTLP_GRPC_PORT: String(await freePort()),
    OTLP_HTTP_PORT: String(await freePort()),
    REUSE_PORT: "true",
  };
  const servers = [await startServer(t, { settings }), await startServer(t, { settings })];
  const accepted = () => servers.map(({ core }) => core.counters.of("traces").accepted);
  const [server] = servers;
  let sent = 0;
  // The system chooses by a hash of the addresses: that a hundred connections go to one of the two does not happen.
  while (accepted().includes(0) && sent < 100) {
    const { grpcStatus } = await call(connectHttp2(t, server!), exportPath("traces"), frame(Buffer.alloc(0)));
    assert.equal(grpcStatus, 0);
    sent += 1;
  }
  const [first = 0, second = 0] = accepted();
  assert.ok(first > 0 && second > 0);
  assert.equal(first + second, sent);
  assert.equal((await fetch(`${server!.httpUrl}/livez`)).status, 200);
});

test("a server without REUSE_PORT does not share a port with one that has it", { skip }, async (t) => {
  const first = await startServer(t, { settings: { REUSE_PORT: "true" } });
  const settings = { OTLP_GRPC_PORT: String(first.port) };
  await assert.rejects(startServer(t, { settings }), refused);
});

test("a system that does not share ports is told of in one line that names REUSE_PORT", () => {
  const cause = Object.assign(new Error("listen ENOTSUP"), { code: "ENOTSUP" });
  assert.equal(
    startFailure(new ListenError("OTLP_GRPC_PORT", cause)),
    "this system does not let servers share a port: set REUSE_PORT to false",
  );
});
