import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ExportTraceServiceResponseSchema } from "../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/scan/schema-table.ts";
import { sendHttp } from "../support/http-call.ts";
import { eventually, startObsvty, statsOf } from "../support/obsvty.ts";
import { makeTraceRequest } from "../support/otlp.ts";
import { call, frame, startCall } from "../support/raw-grpc.ts";
import { connectHttp2, type TestServer } from "../support/server.ts";
import { ways } from "../support/ways-in.ts";
import { lengthDelimited, spanIdBytes, traceRequest, validSpanFields } from "../support/wire.ts";

const trace = toBinary(requestSchemas.traces, makeTraceRequest({ count: 3 }));

const start = (t: TestContext, settings = {}) =>
  startObsvty(t, { settings: { FAULT_INJECTION: "true", ...settings } });

interface FaultReply {
  readonly rules?: readonly object[];
  readonly code?: string;
  readonly message?: string;
}

async function faultService(
  { url }: Pick<TestServer, "url">,
  method: "SetFaults" | "GetFaults" | "ClearFaults",
  body: unknown = {},
) {
  const reply = await fetch(`${url}/obsvty.v1.FaultService/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: reply.status, body: (await reply.json()) as FaultReply };
}

async function setFaults(server: TestServer, ...rules: readonly object[]): Promise<void> {
  assert.deepEqual(await faultService(server, "SetFaults", { rules }), { status: 200, body: {} });
}

async function traceFigures(server: TestServer) {
  const { items, accepted, rejected, refused, injected } = (await statsOf(server)).traces;
  return { items, accepted, rejected, refused, injected };
}

for (const [name, send] of Object.entries(ways)) {
  describe(`a fault by ${name}`, () => {
    test("refuses the next exports with the status and the hint it was given, then no more", async (t) => {
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

    test("says that items were rejected, and keeps them", async (t) => {
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

    test("adds to what really was rejected", async (t) => {
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

    test("keeps an export waiting, and then takes it in", async (t) => {
      const server = await start(t);
      await setFaults(server, { delay: "0.05s" });
      const startMs = performance.now();
      assert.equal((await send(t, server, { body: trace })).code, 0);
      // Timers of Node may be early by a millisecond.
      assert.ok(performance.now() - startMs >= 49);
      assert.equal((await traceFigures(server)).accepted, 3);
    });

    test("resets the connection, and the next export works", async (t) => {
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

    test("is for the signal that it names", async (t) => {
      const server = await start(t);
      await setFaults(server, { signal: "logs", status: "INTERNAL" });
      assert.equal((await send(t, server, { body: trace })).code, 0);
      const { body } = await faultService(server, "GetFaults");
      assert.equal(body.rules?.length, 1);
    });
  });
}

describe("FaultService", () => {
  const script = [
    { signal: "traces", times: 2, status: "UNAVAILABLE", retryDelay: "1s", message: "later" },
    { partialSuccess: { rejected: 3, message: "no" } },
    { signal: "logs", times: 1, delay: "1.500s" },
    { reset: true },
  ];

  test("tells what is left of the script", async (t) => {
    const server = await start(t);
    await setFaults(server, ...script);
    await fetch(`${server.url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
    });
    assert.deepEqual((await faultService(server, "GetFaults")).body, {
      rules: [
        { signal: "traces", times: 1, status: "UNAVAILABLE", retryDelay: "1s", message: "later" },
        { signal: "", times: 1, partialSuccess: { rejected: 3, message: "no" }, message: "" },
        { signal: "logs", times: 1, delay: "1.500s", message: "" },
        { signal: "", times: 1, reset: true, message: "" },
      ],
    });
  });

  test("forgets it when told to", async (t) => {
    const server = await start(t);
    await setFaults(server, ...script);
    assert.deepEqual(await faultService(server, "ClearFaults"), { status: 200, body: {} });
    assert.deepEqual((await faultService(server, "GetFaults")).body, { rules: [] });
  });

  const wrong = [
    [{ signal: "spans", reset: true }, 'rules[1].signal: "spans" is none of traces, logs, metrics, profiles'],
    [{ times: 2 }, "rules[1]: one of status, partial_success, delay and reset must be set"],
    [{ status: "OK" }, "rules[1].status: 0 is no failure"],
    [{ status: 99 }, "rules[1].status: 99 is no failure"],
    [{ status: "DOWN" }, 'rules[1].status: "DOWN" is no Code'],
    [{ delay: "2h" }, 'rules[1].delay: a duration looks like "1.5s"'],
    [{ delay: "3600.5s" }, "rules[1].delay: from 0s to 3600s"],
    [{ status: "INTERNAL", retryDelay: "-1s" }, "rules[1].retry_delay: must not be negative"],
    [{ reset: true, message: "x" }, "rules[1]: message and retry_delay go with status alone"],
    [{ reset: false }, "rules[1].reset: true or nothing"],
    [{ reset: true, after: 1 }, "rules[1].after: no such field"],
  ] as const;
  for (const [rule, message] of wrong) {
    test(`refuses ${JSON.stringify(rule)} and changes nothing`, async (t) => {
      const server = await start(t);
      await setFaults(server, { reset: true });
      const reply = await faultService(server, "SetFaults", { rules: [{ delay: "1s" }, rule] });
      assert.deepEqual([reply.status, reply.body.code], [400, "invalid_argument"]);
      assert.equal(reply.body.message, message);
      assert.equal((await faultService(server, "GetFaults")).body.rules?.length, 1);
    });
  }

  test("takes no more than a thousand rules", async (t) => {
    const server = await start(t);
    const rules = Array.from({ length: 1_001 }, () => ({ reset: true }));
    const { body } = await faultService(server, "SetFaults", { rules });
    assert.equal(body.message, "rules: at most 1000, not 1001");
  });

  for (const method of ["SetFaults", "GetFaults", "ClearFaults"] as const) {
    test(`${method} says how to turn it on where it is off`, async (t) => {
      const { status, body } = await faultService(await startObsvty(t), method);
      assert.deepEqual([status, body.code], [501, "unimplemented"]);
      assert.match(String(body.message), /FAULT_INJECTION=true/);
    });

    test(`${method} is for whoever may read`, async (t) => {
      const server = await start(t, { API_TOKEN: "reader" });
      assert.equal((await faultService(server, method)).status, 401);
    });
  }
});

describe("a delayed export", () => {
  test("leaves nothing behind when its caller goes away", async (t) => {
    const server = await start(t);
    await setFaults(server, { delay: "3600s" });
    const { stream, reply } = startCall(connectHttp2(t, server), exportPath("traces"));
    stream.end(frame(trace));
    await eventually("the rule is used up", async () => {
      const { body } = await faultService(server, "GetFaults");
      return body.rules?.length === 0 || undefined;
    });
    stream.close(8);
    await reply;
    assert.deepEqual(await traceFigures(server), {
      items: 0,
      accepted: 0,
      rejected: 0,
      refused: 0,
      injected: 0,
    });
    assert.equal(await server.close(), 0);
  });

  for (const version of ["HTTP/1.1", "HTTP/2"] as const) {
    test(`by OTLP/HTTP over ${version} is told to come back when the server stops`, async (t) => {
      const server = await start(t, { SHUTDOWN_GRACE_MS: "10000" });
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

test("a reset takes the other calls of its connection along", async (t) => {
  const server = await start(t);
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
  test(`OTLP/HTTP says ${expected} for ${status}`, async (t) => {
    const server = await start(t);
    await setFaults(server, { status, retryDelay: "7s" });
    const reply = await fetch(`${server.url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body: trace,
    });
    assert.deepEqual([reply.status, reply.headers.get("retry-after")], [expected, "7"]);
  });
}
