import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ExportTraceServiceResponseSchema } from "../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { faultService, setFaults, startWithFaults } from "../support/fault-service.ts";
import { sendHttp } from "../support/http-call.ts";
import { eventually, statsOf } from "../support/obsvty.ts";
import { makeTraceRequest } from "../support/otlp.ts";
import { call, frame, startCall } from "../support/raw-grpc.ts";
import { connectHttp2, type TestServer } from "../support/server.ts";
import { ways } from "../support/ways-in.ts";
import { lengthDelimited, spanIdBytes, traceRequest, validSpanFields } from "../support/wire.ts";

const trace = toBinary(requestSchemas.traces, makeTraceRequest({ count: 3 }));

async function traceFigures(server: TestServer) {
  const { items, accepted, rejected, refused, injected } = (await statsOf(server)).traces;
  return { items, accepted, rejected, refused, injected };
}

for (const { name, fastPath, send } of ways) {
  const start = (t: TestContext) => startWithFaults(t, {}, { fastPath });

  describe(`a scripted fault of an export by ${name}`, () => {
    test(`a scripted status refuses as many exports by ${name} as its rule says, with the status and the hint of the rule`, async (t) => {
      const server = await start(t);
      await setFaults(
        server,
        { signal: "traces", times: 2, status: "UNAVAILABLE", retryDelay: "1s", message: "gone for lunch" },
        { signal: "traces", status: "FAILED_PRECONDITION" },
      );
      const answers = [];
      for (let i = 0; i < 4; i++) {
        const { code, hasRetryHint } = await send(t, server, { body: trace });
        answers.push([code, hasRetryHint]);
      }
      assert.deepEqual(answers, [
        [14, true],
        [14, true],
        [9, false],
        [0, false],
      ]);
      assert.deepEqual(await traceFigures(server), {
        items: 3,
        accepted: 3,
        rejected: 0,
        refused: 0,
        injected: 3,
      });
    });

    test(`a malformed export by ${name} gets the scripted fault and uses its rule up`, async (t) => {
      const server = await start(t);
      await setFaults(server, { status: "UNAVAILABLE" });
      const body = Uint8Array.of(0x0a, 0x05, 0x12);
      assert.equal((await send(t, server, { body })).code, 14);
      assert.deepEqual((await faultService(server, "GetFaults")).body.rules ?? [], []);
      assert.equal((await send(t, server, { body })).code, 3);
    });

    test(`a scripted partial success keeps the items of an export by ${name}, and answers that they were rejected`, async (t) => {
      const server = await start(t);
      await setFaults(server, { partialSuccess: { rejected: 2, message: "not these" } });
      const { code, message } = await send(t, server, { body: trace });
      const { partialSuccess } = fromBinary(ExportTraceServiceResponseSchema, message);
      assert.deepEqual(
        [code, partialSuccess?.rejectedSpans, partialSuccess?.errorMessage],
        [0, 2n, "not these"],
      );
      assert.equal((await traceFigures(server)).accepted, 3);
    });

    test(`a scripted partial success adds its rejected items to those that are rejected of an export by ${name}`, async (t) => {
      const server = await start(t);
      await setFaults(server, { partialSuccess: { rejected: 2 } });
      const body = traceRequest(validSpanFields, lengthDelimited(2, spanIdBytes));
      const { message } = await send(t, server, { body });
      const { partialSuccess } = fromBinary(ExportTraceServiceResponseSchema, message);
      assert.equal(partialSuccess?.rejectedSpans, 3n);
      assert.match(partialSuccess?.errorMessage ?? "", /trace_id.*; injected fault$/);
      const { accepted, rejected } = await traceFigures(server);
      assert.deepEqual({ accepted, rejected }, { accepted: 1, rejected: 1 });
    });

    test(`a scripted delay delays an export by ${name}, which is accepted then`, async (t) => {
      const server = await start(t);
      await setFaults(server, { delay: "0.05s" });
      const startMs = performance.now();
      assert.equal((await send(t, server, { body: trace })).code, 0);
      // Timers of Node may be early by a millisecond.
      assert.ok(performance.now() - startMs >= 49);
      assert.equal((await traceFigures(server)).accepted, 3);
    });

    test(`a scripted reset ends the connection of an export by ${name}, and the next export is accepted`, async (t) => {
      const server = await start(t);
      await setFaults(server, { reset: true });
      await assert.rejects(send(t, server, { body: trace }));
      assert.equal((await send(t, server, { body: trace })).code, 0);
      const { accepted, refused, injected } = await traceFigures(server);
      assert.deepEqual({ accepted, refused, injected }, { accepted: 3, refused: 0, injected: 1 });
      assert.deepEqual(
        server.logs.filter(({ level }) => level >= 50),
        [],
      );
    });

    test(`a scripted fault of an export by ${name} applies to the signal that it names alone`, async (t) => {
      const server = await start(t);
      await setFaults(server, { signal: "logs", status: "INTERNAL" });
      assert.equal((await send(t, server, { body: trace })).code, 0);
      const { body } = await faultService(server, "GetFaults");
      assert.equal(body.rules?.length, 1);
    });
  });
}

describe("a delayed export", () => {
  // OTLP/HTTP has no deadlines.
  for (const { name, fastPath, send } of ways.filter(({ transport }) => transport !== "http")) {
    test(`a delayed export by ${name} is given up when its caller's deadline passes`, async (t) => {
      const server = await startWithFaults(t, {}, { fastPath });
      await setFaults(server, { delay: "3600s" });
      assert.equal((await send(t, server, { body: trace, timeoutMs: 20 })).code, 4);
      const { accepted, refused, injected } = await traceFigures(server);
      assert.deepEqual({ accepted, refused, injected }, { accepted: 0, refused: 1, injected: 0 });
    });
  }

  for (const version of ["HTTP/1.1", "HTTP/2"] as const) {
    test(`a delayed export by OTLP/HTTP over ${version} is refused with a retry hint when the server stops`, async (t) => {
      const server = await startWithFaults(t, { SHUTDOWN_GRACE_MS: "10000" });
      await setFaults(server, { delay: "3600s" });
      const reply = sendHttp(t, version, server.url, {
        path: "/v1/traces",
        headers: { "content-type": "application/x-protobuf" },
        body: trace,
      });
      await eventually("the rule is used up", async () => {
        const { body } = await faultService(server, "GetFaults");
        return body.rules?.length === 0 || undefined;
      });
      const closed = server.close();
      const { status, headers } = await reply;
      assert.deepEqual([status, headers["retry-after"]], [503, "1"]);
      assert.equal(await closed, 0);
    });
  }
});

test("a scripted reset ends the other calls of its connection too", async (t) => {
  const server = await startWithFaults(t);
  const session = connectHttp2(t, server);
  await setFaults(server, { signal: "traces", reset: true });
  const other = startCall(session, exportPath("logs"));
  other.stream.write(Buffer.alloc(1));
  const closed = new Promise((resolve) => session.once("close", resolve));
  // Node tells some streams of the reset by an error, others by their mere end.
  const replies = await Promise.allSettled([other.reply, call(session, exportPath("traces"), frame(trace))]);
  for (const reply of replies) {
    assert.ok(reply.status === "rejected" || reply.value.httpStatus === 0);
  }
  await closed;
});

const httpStatuses = { UNAVAILABLE: 503, RESOURCE_EXHAUSTED: 429, UNIMPLEMENTED: 501, UNAUTHENTICATED: 401 };
for (const [status, expected] of Object.entries(httpStatuses)) {
  test(`a scripted ${status} is answered ${expected} over OTLP/HTTP`, async (t) => {
    const server = await startWithFaults(t);
    await setFaults(server, { status, retryDelay: "7s" });
    const reply = await fetch(`${server.url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body: trace,
    });
    assert.deepEqual([reply.status, reply.headers.get("retry-after")], [expected, "7"]);
  });
}
