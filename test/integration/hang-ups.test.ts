import assert from "node:assert/strict";
import { once } from "node:events";
import { request as requestHttp1 } from "node:http";
import type { ClientHttp2Stream } from "node:http2";
import { describe, type TestContext, test } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import type { ReadingResources } from "../../src/adapters/inbound/body/body-reader.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { setFaults, startWithFaults } from "../support/fault-service.ts";
import { eventually, query } from "../support/obsvty.ts";
import { makeTraceRequest } from "../support/otlp.ts";
import { frame } from "../support/raw-grpc.ts";
import { connectHttp2, type TestServer } from "../support/server.ts";

// Callers that go away: no request counts as refused, and nothing is logged as a failure of the server.

const trace = toBinary(requestSchemas.traces, makeTraceRequest({ count: 3 }));

interface Way {
  readonly path: string;
  readonly type: string;
  readonly body: Uint8Array;
}

const ways: Readonly<Record<string, Way>> = {
  "native gRPC": { path: exportPath("traces"), type: "application/grpc", body: frame(trace) },
  "gRPC in JSON": {
    path: exportPath("traces"),
    type: "application/grpc+json",
    body: frame(Buffer.from("{}")),
  },
  "gRPC-Web": { path: exportPath("traces"), type: "application/grpc-web+proto", body: frame(trace) },
  Connect: { path: exportPath("traces"), type: "application/proto", body: trace },
  "OTLP/HTTP": { path: "/v1/traces", type: "application/x-protobuf", body: trace },
};

const cancel = 8;
const noError = 0;

const inflight = ({ app }: TestServer) => app.getDecorator<ReadingResources>("bodies").inflight;

/** Starts a call over HTTP/2 that declares its whole length. */
function startHttp2(t: TestContext, server: TestServer, { path, type, body }: Way): ClientHttp2Stream {
  const stream = connectHttp2(t, server).request({
    ":method": "POST",
    ":path": path,
    "content-type": type,
    "content-length": body.byteLength,
    te: "trailers",
  });
  stream.on("error", () => {});
  return stream;
}

/** Until the server has seen the end of every call, and then what it made of them. */
async function assertUnnoticed(server: TestServer): Promise<void> {
  await eventually("the server has let go of the body", () => inflight(server).held === 0 || undefined);
  assert.equal(await server.close(), 0);
  const { accepted, refused } = server.core.counters.of("traces");
  assert.deepEqual({ accepted, refused }, { accepted: 0, refused: 0 });
  assert.deepEqual(
    server.logs.filter(({ level }) => level >= 40),
    [],
  );
}

for (const [name, way] of Object.entries(ways)) {
  describe(`a caller by ${name}`, () => {
    for (const [how, code] of [
      ["cancels", cancel],
      ["resets without an error", noError],
    ] as const) {
      test(`a caller by ${name} that ${how} in the middle of its body leaves nothing in flight and no line of the log`, async (t) => {
        const server = await startWithFaults(t, { SHUTDOWN_GRACE_MS: "30000" });
        const stream = startHttp2(t, server, way);
        stream.write(way.body.subarray(0, -1));
        await eventually("the first bytes are there", () => inflight(server).held > 0 || undefined);
        stream.close(code);
        await once(stream, "close");
        await assertUnnoticed(server);
      });
    }

    test(`a caller by ${name} that goes away while its export is delayed leaves nothing in flight`, async (t) => {
      const server = await startWithFaults(t, { SHUTDOWN_GRACE_MS: "30000" });
      await setFaults(server, { delay: "3600s" });
      const stream = startHttp2(t, server, way);
      stream.end(way.body);
      await eventually("the rule is used up", () => server.core.faults?.rules.length === 0 || undefined);
      assert.equal(inflight(server).held, way.body.byteLength);
      stream.close(cancel);
      await once(stream, "close");
      await assertUnnoticed(server);
    });
  });
}

for (const name of ["gRPC-Web", "Connect", "OTLP/HTTP"]) {
  const way = ways[name];
  assert.ok(way);

  test(`a caller by ${name} over HTTP/1.1 that hangs up in the middle of its body leaves nothing in flight and no line of the log`, async (t) => {
    const server = await startWithFaults(t, { SHUTDOWN_GRACE_MS: "30000" });
    const request = requestHttp1(`${server.url}${way.path}`, {
      method: "POST",
      agent: false,
      headers: { "content-type": way.type, "content-length": way.body.byteLength },
    });
    request.on("error", () => {});
    request.write(way.body.subarray(0, -1));
    await eventually("the first bytes are there", () => inflight(server).held > 0 || undefined);
    request.destroy();
    await assertUnnoticed(server);
  });
}

for (const [how, leave] of [
  ["cancels", (stream: ClientHttp2Stream) => stream.close(cancel)],
  ["cuts its connection", (stream: ClientHttp2Stream) => stream.session?.destroy()],
] as const) {
  test(`a Tail whose caller does not read, and ${how}, is not logged as a failure of the server`, async (t) => {
    const server = await startWithFaults(t, { SHUTDOWN_GRACE_MS: "30000" });
    const session = connectHttp2(t, server, { settings: { initialWindowSize: 0 } });
    const stream = session.request({
      ":method": "POST",
      ":path": "/obsvty.v1.QueryService/Tail",
      "content-type": "application/connect+json",
    });
    stream.on("error", () => {});
    stream.end(frame(Buffer.from('{"spans":{}}')));
    await eventually("it tails", () => server.core.reader.watching() > 0 || undefined);
    // More than what is written without waiting for the reader.
    for (let i = 0; i < 50; i++) server.core.ingest("traces", [trace], trace.byteLength, "grpc");
    await query(server, "GetStats");
    leave(stream);
    await eventually("the server has seen it", () => server.core.reader.watching() === 0 || undefined);
    assert.equal(await server.close(), 0);
    assert.deepEqual(
      server.logs.filter(({ level }) => level >= 40),
      [],
    );
  });
}
