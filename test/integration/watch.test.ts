import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { credentials, Client as GrpcClient, status } from "@grpc/grpc-js";
import {
  QueryService,
  TailRequestSchema,
  TailResponseSchema,
  WaitForRequestSchema,
  WaitForResponseSchema,
} from "../../gen/obsvty/v1/query_pb.ts";
import { logsOf, metricsOf, spansOf } from "../contract/store-requests.ts";
import { send, sendAll } from "../support/ingest.ts";
import { eventually, query, startObsvty } from "../support/obsvty.ts";
import { frame, startCall } from "../support/raw-grpc.ts";
import { connectHttp2, connectRaw, grpcTransportFrom, type TestServer } from "../support/server.ts";

const transports = {
  "Connect over HTTP/1.1": (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect JSON over HTTP/2": (baseUrl: string) =>
    createConnectTransport({ baseUrl, httpVersion: "2", useBinaryFormat: false }),
  "gRPC-Web over HTTP/1.1": (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  gRPC: (baseUrl: string) => createGrpcTransport({ baseUrl }),
};

const waitForPath = "/obsvty.v1.QueryService/WaitFor";
const tailPath = "/obsvty.v1.QueryService/Tail";
/** Of the server, as `compose` makes it: half of the limit of all. */
const maxOfClient = 50;
const longGrace = { SHUTDOWN_GRACE_MS: "30000" };

/** The next message of a stream that goes on. */
async function next<Message>(messages: AsyncIterator<Message>): Promise<Message> {
  const { done, value } = await messages.next();
  assert.ok(done !== true, "the stream goes on");
  return value;
}

const failure = (code: Code, message: RegExp) => (reason: unknown) =>
  reason instanceof ConnectError && reason.code === code && message.test(reason.rawMessage);

for (const [name, createTransport] of Object.entries(transports)) {
  describe(`over ${name}`, () => {
    test(`Tail over ${name} sends items as they arrive, until its caller leaves`, async (t) => {
      const server = await startObsvty(t);
      const client = createClient(QueryService, createTransport(server.url));
      const cancel = new AbortController();
      const request = { filter: { case: "spans", value: { name: "span 1" } } } as const;
      const messages = client.tail(request, { signal: cancel.signal })[Symbol.asyncIterator]();
      assert.deepEqual((await next(messages)).spans, []);
      send(server, "traces", spansOf(3));
      const { spans, cursor, missed } = await next(messages);
      assert.deepEqual(
        spans.map((span) => span.name),
        ["span 1"],
      );
      assert.equal(missed, 0n);
      send(server, "traces", spansOf(2));
      assert.equal((await next(messages)).spans.length, 1);
      const { signal } = cancel;
      const again = client.tail({ ...request, after: cursor }, { signal })[Symbol.asyncIterator]();
      assert.equal((await next(again)).spans.length, 1);
      cancel.abort();
      await untilWatched(server, 0);
      await assert.rejects(messages.next(), failure(Code.Canceled, /./));
    });

    test(`Tail over ${name} sends log records and data points`, async (t) => {
      const server = await startObsvty(t);
      const client = createClient(QueryService, createTransport(server.url));
      const after = server.core.reader.newestCursor();
      send(server, "logs", logsOf(2));
      send(server, "metrics", metricsOf(5));
      for (const [signal, count] of [
        ["logs", 2],
        ["metrics", 5],
      ] as const) {
        const cancel = new AbortController();
        const request = { filter: { case: signal, value: {} }, after };
        const messages = client.tail(request, { signal: cancel.signal })[Symbol.asyncIterator]();
        assert.equal((await next(messages))[signal].length, count);
        cancel.abort();
      }
    });

    test(`WaitFor over ${name} answers as soon as enough items match`, async (t) => {
      const server = await startObsvty(t);
      const client = createClient(QueryService, createTransport(server.url));
      send(server, "traces", spansOf(2));
      const waiting = client.waitFor({ filter: { case: "spans", value: { service: "shop" } }, minCount: 3 });
      const held = await client.waitFor({ filter: { case: "spans", value: {} }, minCount: 2 });
      assert.deepEqual([held.spans.length, held.matched], [2, 2]);
      send(server, "logs", logsOf(1));
      send(server, "traces", spansOf(1));
      const { spans, matched, missed, cursor } = await waiting;
      assert.deepEqual([spans.length, matched, missed], [3, 3, 0n]);
      assert.equal(cursor, spans[2]?.cursor);
      assert.equal((await client.waitFor({ filter: { case: "logs", value: {} } })).logs.length, 1);
    });

    test(`WaitFor over ${name} tells after its timeout how many matched and where the nearest miss failed`, async (t) => {
      const server = await startObsvty(t);
      const client = createClient(QueryService, createTransport(server.url));
      send(server, "metrics", metricsOf(5));
      const timeout = { seconds: 0n, nanos: 1 };
      await assert.rejects(
        client.waitFor({
          filter: { case: "metrics", value: { service: "shop", name: "none" } },
          minCount: 2,
          timeout,
        }),
        failure(
          Code.DeadlineExceeded,
          /^0 of 2 data points matched within 1 ms; the nearest miss failed on name$/,
        ),
      );
    });

    test(`Tail and WaitFor over ${name} refuse a request without a filter, and name a bad field`, async (t) => {
      const server = await startObsvty(t);
      const client = createClient(QueryService, createTransport(server.url));
      for (const [request, message] of [
        [{}, /^spans, logs or metrics: one must be set/],
        [{ filter: { case: "spans", value: { traceId: "x" } } }, /^spans\.(?:trace_id|traceId): /],
        [{ filter: { case: "logs", value: {} }, after: "x" }, /^after: not a cursor$/],
      ] as const) {
        const refused = failure(Code.InvalidArgument, message);
        await assert.rejects(client.waitFor(request), refused);
        await assert.rejects(next(client.tail(request)[Symbol.asyncIterator]()), refused);
      }
      const filter = { case: "logs", value: {} } as const;
      await assert.rejects(
        client.waitFor({ filter, timeout: { seconds: 3601n, nanos: 0 } }),
        failure(Code.InvalidArgument, /^timeout: must be from 0s to 3600s$/),
      );
      await assert.rejects(
        client.waitFor({ filter, minCount: 10_001 }),
        failure(Code.InvalidArgument, /^(?:min_count|minCount): /),
      );
    });

    test(`Tail and WaitFor over ${name} end with UNAVAILABLE when the server stops, and are not cut`, async (t) => {
      const server = await startObsvty(t, { settings: longGrace });
      const client = createClient(QueryService, createTransport(server.url));
      const messages = client.tail({ filter: { case: "spans", value: {} } })[Symbol.asyncIterator]();
      await next(messages);
      const ended = assert.rejects(messages.next(), failure(Code.Unavailable, /stopping/));
      const waiting = assert.rejects(
        client.waitFor({ filter: { case: "spans", value: {} } }),
        failure(Code.Unavailable, /stopping/),
      );
      await untilWatched(server, 2);
      const closing = server.close();
      await Promise.all([ended, waiting]);
      assert.equal(await closing, 0);
    });
  });
}

/** Resolves when so many calls tail or wait. */
function untilWatched(server: TestServer, count: number): Promise<true> {
  return eventually(`${count} calls that last`, () => server.core.reader.watching() === count || undefined);
}

describe("a call that lasts frees its place at once", () => {
  test("a Tail that its gRPC caller resets frees its place at once", async (t) => {
    const server = await startObsvty(t);
    const session = connectHttp2(t, server);
    const filter = { case: "spans", value: {} } as const;
    for (const [path, body] of [
      [waitForPath, toBinary(WaitForRequestSchema, create(WaitForRequestSchema, { filter }))],
      [tailPath, toBinary(TailRequestSchema, create(TailRequestSchema, { filter }))],
    ] as const) {
      const { stream, reply } = startCall(session, path);
      reply.catch(() => {});
      stream.end(frame(body));
      await untilWatched(server, 1);
      stream.close(8);
      await untilWatched(server, 0);
    }
  });

  test("a Tail whose HTTP/1.1 caller hangs up frees its place at once, and is not logged as a failure of the server", async (t) => {
    const server = await startObsvty(t);
    const { socket } = connectRaw(t, server);
    const body = '{"spans":{}}';
    socket.write(
      `POST ${waitForPath} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await untilWatched(server, 1);
    socket.destroy();
    await untilWatched(server, 0);
    // By then the handler has ended, and what it threw would have been logged.
    await query(server, "GetStats");
    assert.deepEqual(
      server.logs.filter(({ level }) => level >= 50),
      [],
    );
  });

  test("a Tail whose deadline has passed frees its place at once", async (t) => {
    const server = await startObsvty(t);
    const client = createClient(QueryService, createGrpcTransport({ baseUrl: server.url }));
    const request = { filter: { case: "spans", value: {} } } as const;
    await assert.rejects(client.waitFor(request, { timeoutMs: 20 }), failure(Code.DeadlineExceeded, /./));
    await untilWatched(server, 0);
  });
});

test("Tail, WaitFor and ReadRequests calls of one client get RESOURCE_EXHAUSTED over its half of all until one ends", async (t) => {
  const server = await startObsvty(t);
  const clientAt = (address: string) => createClient(QueryService, grpcTransportFrom(address, server));
  const client = clientAt("127.0.0.1");
  const other = clientAt("127.0.0.2");
  const request = { filter: { case: "logs", value: {} } } as const;
  const one = new AbortController();
  const all = Array.from({ length: maxOfClient }, (_, i) =>
    client.waitFor(request, i === 0 ? { signal: one.signal } : {}),
  );
  await untilWatched(server, maxOfClient);
  const overShare = /^limit of 50 concurrent Tail, WaitFor and ReadRequests calls of one client reached$/;
  await assert.rejects(client.waitFor(request), failure(Code.ResourceExhausted, overShare));
  await assert.rejects(
    next(client.tail(request)[Symbol.asyncIterator]()),
    failure(Code.ResourceExhausted, overShare),
  );
  const ofOther = Array.from({ length: maxOfClient }, () => other.waitFor(request));
  await untilWatched(server, 2 * maxOfClient);
  const full = /^limit of 100 concurrent Tail, WaitFor and ReadRequests calls reached$/;
  await assert.rejects(clientAt("127.0.0.3").waitFor(request), failure(Code.ResourceExhausted, full));
  one.abort();
  await assert.rejects(all[0]!);
  await untilWatched(server, 2 * maxOfClient - 1);
  const last = client.waitFor(request);
  await untilWatched(server, 2 * maxOfClient);
  send(server, "logs", logsOf(1));
  const answers = await Promise.all([...all.slice(1), ...ofOther, last]);
  assert.ok(answers.every(({ logs }) => logs.length === 1));
});

test("a slow reader of Tail is told how many items it missed, and delays no other call", async (t) => {
  const server = await startObsvty(t, { settings: { MAX_BUFFER_SIZE: "50" } });
  const session = connectHttp2(t, server);
  const { stream, reply } = startCall(session, tailPath);
  reply.catch(() => {});
  let received = Buffer.alloc(0);
  const request = create(TailRequestSchema, { filter: { case: "spans", value: {} } });
  stream.end(frame(toBinary(TailRequestSchema, request)));
  await once(stream, "response");
  // The reply's listener of data made it flow.
  stream.pause();
  let sent = 0;
  const big = spansOf(50);
  for (const span of big.resourceSpans[0]!.scopeSpans[0]!.spans) span.traceState = "x".repeat(5_000);
  for (; sent < 20_000; sent += 50) {
    await sendAll(server, "traces", big);
    await new Promise(setImmediate);
  }
  stream.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
  });
  stream.resume();
  let seen = 0;
  let missed = 0;
  await eventually("all of them are seen or missed", () => {
    for (; received.length >= 5 && received.length >= 5 + received.readUInt32BE(1); ) {
      const length = received.readUInt32BE(1);
      const message = fromBinary(TailResponseSchema, received.subarray(5, 5 + length));
      received = received.subarray(5 + length);
      seen += message.spans.length;
      missed += Number(message.missed);
    }
    return seen + missed === sent || undefined;
  });
  assert.ok(missed > 0, `${seen} seen`);
});

test("a search after a cursor whose items were evicted says how many were missed", async (t) => {
  const server = await startObsvty(t, { settings: { MAX_BUFFER_SIZE: "10" } });
  const { cursor: after } = await query(server, "GetStats");
  for (let i = 0; i < 4; i++) send(server, "logs", logsOf(7));
  const { logs, missed } = await query(server, "SearchLogs", { after });
  assert.deepEqual([logs.length, missed], [10, "18"]);
  const waited = await query(server, "WaitFor", { after, logs: {}, minCount: 10, timeout: "0s" });
  assert.deepEqual([waited.logs.length, waited.matched, waited.missed], [10, 10, "18"]);
});

test("grpc-js tails, waits, and gets the reason of a wait that times out", async (t) => {
  const server = await startObsvty(t);
  const client = new GrpcClient(server.url.replace("http://", ""), credentials.createInsecure());
  t.after(() => client.close());
  const filter = { case: "spans", value: { name: "span 0" } } as const;
  const tail = client.makeServerStreamRequest(
    tailPath,
    (bytes: Uint8Array) => Buffer.from(bytes),
    (bytes) => fromBinary(TailResponseSchema, bytes),
    toBinary(TailRequestSchema, create(TailRequestSchema, { filter })),
  );
  const messages = tail[Symbol.asyncIterator]();
  assert.deepEqual((await next(messages)).spans, []);
  const wait = (minCount: number, nanos: number) =>
    new Promise<number>((resolve, reject) => {
      const timeout = { seconds: 0n, nanos };
      const request = create(WaitForRequestSchema, { filter, minCount, ...(nanos > 0 && { timeout }) });
      client.makeUnaryRequest(
        waitForPath,
        (bytes: Uint8Array) => Buffer.from(bytes),
        (bytes) => fromBinary(WaitForResponseSchema, bytes),
        toBinary(WaitForRequestSchema, request),
        (error, answer) => (error === null ? resolve(answer?.spans.length ?? -1) : reject(error)),
      );
    });
  const waiting = wait(1, 0);
  await untilWatched(server, 2);
  send(server, "traces", spansOf(3));
  assert.equal(await waiting, 1);
  assert.equal((await next(messages)).spans.length, 1);
  await assert.rejects(wait(2, 1), {
    code: status.DEADLINE_EXCEEDED,
    details: "1 of 2 spans matched within 1 ms; no other comes near",
  });
  tail.on("error", () => {});
  tail.cancel();
  await untilWatched(server, 0);
});

test("Tail and WaitFor log nothing of a filter's values or of the items", async (t) => {
  const server = await startObsvty(t);
  send(server, "traces", spansOf(2, { serviceName: "hush-hush" }));
  const spans = { name: "hush-hush", attributes: { key: "hush-hush" } };
  await assert.rejects(query(server, "WaitFor", { spans, timeout: "0s" }), /deadline_exceeded/);
  assert.doesNotMatch(JSON.stringify(server.logs), /hush/);
});

test("a wait that times out and a trace that is not held are logged at debug, not as warnings", async (t) => {
  const server = await startObsvty(t);
  await assert.rejects(query(server, "WaitFor", { spans: {}, timeout: "0s" }), /deadline_exceeded/);
  await assert.rejects(query(server, "GetTrace", { traceId: "1".repeat(32) }), /not_found/);
  const said = server.logs.filter(({ code }) => code !== undefined).map(({ level, code }) => [level, code]);
  assert.deepEqual(said, [
    [20, "deadline-passed"],
    [20, "not-found"],
  ]);
});
