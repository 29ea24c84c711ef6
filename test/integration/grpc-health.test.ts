import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { credentials, loadPackageDefinition, type ServiceClientConstructor } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../gen/grpc/health/v1/health_pb.ts";
import { eventually, query, startObsvty } from "../support/obsvty.ts";
import { call, frame, startCall } from "../support/raw-grpc.ts";
import { connectHttp2, connectRaw, grpcTransportFrom, type TestServer } from "../support/server.ts";

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = ServingStatus;

const transports = {
  "Connect JSON over HTTP/1.1": (baseUrl: string) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  "gRPC-Web over HTTP/1.1": (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  gRPC: (baseUrl: string) => createGrpcTransport({ baseUrl }),
};

const checkPath = "/grpc.health.v1.Health/Check";
const watchPath = "/grpc.health.v1.Health/Watch";
const longGrace = { SHUTDOWN_GRACE_MS: "60000" };
/** Half of the limit of all. */
const maxOfClient = 50;

const failure = (code: Code, message: RegExp) => (reason: unknown) =>
  reason instanceof ConnectError && reason.code === code && message.test(reason.rawMessage);

/** The next message of a stream that has not ended. */
async function next<Message>(messages: AsyncIterator<Message>): Promise<Message> {
  const { done, value } = await messages.next();
  assert.ok(done !== true, "the stream goes on");
  return value;
}

for (const [name, createTransport] of Object.entries(transports)) {
  describe(`over ${name}`, () => {
    test(`Check over ${name} answers SERVING for the server and each of its services, NOT_FOUND for others`, async (t) => {
      const server = await startObsvty(t);
      const client = createClient(Health, createTransport(server.url));
      for (const service of ["", "obsvty.v1.QueryService", "grpc.health.v1.Health"]) {
        assert.equal((await client.check({ service })).status, SERVING, service);
      }
      const unknown = failure(Code.NotFound, /^no such service/);
      await assert.rejects(client.check({ service: "obsvty.v1.Query" }), unknown);
      await assert.rejects(client.check({ service: "constructor" }), unknown);
    });

    test(`List over ${name} names the services that Check knows`, async (t) => {
      const server = await startObsvty(t);
      const client = createClient(Health, createTransport(server.url));
      const { statuses } = await client.list({});
      assert.ok(Object.values(statuses).every(({ status }) => status === SERVING));
      for (const service of [
        "",
        "grpc.health.v1.Health",
        "obsvty.v1.QueryService",
        "opentelemetry.proto.collector.trace.v1.TraceService",
      ]) {
        assert.ok(service in statuses, service);
      }
      for (const service of Object.keys(statuses)) await client.check({ service });
    });

    test(`Watch over ${name} sends NOT_SERVING when the server stops, then ends without delaying the stop`, async (t) => {
      const server = await startObsvty(t, { settings: longGrace });
      const client = createClient(Health, createTransport(server.url));
      const all = client.watch({})[Symbol.asyncIterator]();
      const one = client.watch({ service: "obsvty.v1.QueryService" })[Symbol.asyncIterator]();
      const unknown = client.watch({ service: "nowhere" })[Symbol.asyncIterator]();
      assert.equal((await next(all)).status, SERVING);
      assert.equal((await next(one)).status, SERVING);
      assert.equal((await next(unknown)).status, SERVICE_UNKNOWN);
      const closing = server.close();
      assert.equal((await next(all)).status, NOT_SERVING);
      assert.equal((await next(one)).status, NOT_SERVING);
      for (const messages of [all, one, unknown]) assert.equal((await messages.next()).done, true);
      assert.equal(await closing, 0);
    });

    test(`Watch over ${name} ends at its caller's deadline`, async (t) => {
      const server = await startObsvty(t);
      const client = createClient(Health, createTransport(server.url));
      const messages = client.watch({}, { timeoutMs: 200 })[Symbol.asyncIterator]();
      assert.equal((await next(messages)).status, SERVING);
      await assert.rejects(messages.next(), failure(Code.DeadlineExceeded, /./));
    });
  });
}

test("a grpc-js client made by proto-loader calls Check and Watch", async (t) => {
  const server = await startObsvty(t, { settings: longGrace });
  const file = fileURLToPath(new URL("../../proto/grpc/health/v1/health.proto", import.meta.url));
  const definition = loadSync(file, { enums: String });
  const { Health: HealthClient } = (
    loadPackageDefinition(definition) as unknown as {
      grpc: { health: { v1: { Health: ServiceClientConstructor } } };
    }
  ).grpc.health.v1;
  const client = new HealthClient(server.url.replace("http://", ""), credentials.createInsecure());
  t.after(() => client.close());
  const check = (service: string) =>
    new Promise((resolve, reject) => {
      client.Check?.({ service }, (error: unknown, reply: unknown) =>
        error === null ? resolve(reply) : reject(error),
      );
    });
  assert.deepEqual(await check(""), { status: "SERVING" });
  await assert.rejects(check("nowhere"), { code: 5, details: "no such service is served here" });
  const watch = client.Watch?.({ service: "" });
  const messages = watch[Symbol.asyncIterator]();
  assert.deepEqual(await next(messages), { status: "SERVING" });
  const closing = server.close();
  assert.deepEqual(await next(messages), { status: "NOT_SERVING" });
  assert.equal((await messages.next()).done, true);
  assert.equal(await closing, 0);
});

describe("curl", () => {
  const post = async ({ url }: TestServer, path: string, body: string) => {
    const headers = { "content-type": "application/json" };
    const reply = await fetch(`${url}${path}`, { method: "POST", headers, body });
    return [reply.status, (await reply.json()) as Record<string, Record<string, unknown>>] as const;
  };

  test("curl calls the health service's Check in JSON", async (t) => {
    const server = await startObsvty(t);
    assert.deepEqual(await post(server, checkPath, "{}"), [200, { status: "SERVING" }]);
    const { statuses } = (await post(server, "/grpc.health.v1.Health/List", "{}"))[1];
    assert.deepEqual(statuses?.[""], { status: "SERVING" });
  });

  test("a misspelt field of Check is an error, since it would otherwise ask about the whole server", async (t) => {
    const server = await startObsvty(t);
    const [status, { code, message }] = await post(server, checkPath, '{"services":"nowhere"}');
    assert.deepEqual([status, code], [400, "invalid_argument"]);
    assert.match(String(message), /services/);
  });
});

test("Check and Watch answer NOT_SERVING while the server stops", async (t) => {
  const server = await startObsvty(t, { settings: longGrace });
  const session = connectHttp2(t, server);
  const started = [
    { path: checkPath, service: "", status: NOT_SERVING },
    { path: watchPath, service: "", status: NOT_SERVING },
    { path: watchPath, service: "nowhere", status: SERVICE_UNKNOWN },
  ].map((asked) => ({ ...asked, ...startCall(session, asked.path) }));
  await once(session, "connect");
  await new Promise((resolve) => session.ping(resolve));
  const closing = server.close();
  for (const { service, status, stream, reply } of started) {
    stream.end(frame(toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema, { service }))));
    const { grpcStatus, body } = await reply;
    assert.equal(grpcStatus, 0);
    assert.equal(body.readUInt32BE(1), body.byteLength - 5, "one message");
    assert.equal(fromBinary(HealthCheckResponseSchema, body.subarray(5)).status, status);
  }
  assert.equal(await closing, 0);
});

test("Watch calls of one client over its half of all are refused, and do not count against Tail", async (t) => {
  const server = await startObsvty(t);
  const clientAt = (address: string) => createClient(Health, grpcTransportFrom(address, server));
  const client = clientAt("127.0.0.1");
  const watch = (from = client, options = {}) => next(from.watch({}, options)[Symbol.asyncIterator]());
  const refused = (message: RegExp) => (reason: unknown) =>
    failure(Code.ResourceExhausted, message)(reason) &&
    (reason as ConnectError).metadata.has("google.rpc.retryinfo-bin");
  const one = new AbortController();
  const all = Array.from({ length: maxOfClient }, (_, i) =>
    watch(client, i === 0 ? { signal: one.signal } : {}),
  );
  assert.ok((await Promise.all(all)).every(({ status }) => status === SERVING));
  await assert.rejects(watch(), refused(/^limit of 50 concurrent Watch calls of one client reached$/));
  assert.equal((await client.check({})).status, SERVING);
  const other = clientAt("127.0.0.2");
  await Promise.all(Array.from({ length: maxOfClient }, () => watch(other)));
  await assert.rejects(
    watch(clientAt("127.0.0.3")),
    refused(/^limit of 100 concurrent Watch calls reached$/),
  );
  assert.equal(server.core.reader.watching(), 0);
  one.abort();
  await untilFree(server);
});

/** Resolves when another Watch call is accepted. */
function untilFree({ url }: TestServer): Promise<true> {
  const client = createClient(Health, createGrpcTransport({ baseUrl: url }));
  return eventually("a place is free", () =>
    next(client.watch({})[Symbol.asyncIterator]()).then(
      () => true as const,
      () => undefined,
    ),
  );
}

test("a Watch call whose caller hangs up makes room, and is not logged as a failure", async (t) => {
  const server = await startObsvty(t);
  const session = connectHttp2(t, server);
  for (let i = 1; i < maxOfClient; i++) {
    const { stream, reply } = startCall(session, watchPath);
    reply.catch(() => {});
    stream.end(frame(new Uint8Array()));
    await once(stream, "data");
    stream.close(8);
  }
  const { socket, received } = connectRaw(t, server);
  const body = "\0\0\0\0\x02{}";
  const headers = `host: x\r\ncontent-type: application/connect+json\r\ncontent-length: ${body.length}`;
  socket.write(`POST ${watchPath} HTTP/1.1\r\n${headers}\r\n\r\n${body}`);
  await received(/SERVING/);
  socket.destroy();
  await untilFree(server);
  assert.deepEqual(
    server.logs.filter(({ level }) => level >= 50),
    [],
  );
});

test("a watcher that does not read does not delay the stop", async (t) => {
  const server = await startObsvty(t, { settings: longGrace });
  const session = connectHttp2(t, server, { settings: { initialWindowSize: 0 } });
  await once(session, "remoteSettings");
  const { stream, reply } = startCall(session, watchPath);
  reply.catch(() => {});
  stream.end(frame(new Uint8Array()));
  await once(stream, "response");
  assert.equal(await server.close(), 0);
});

describe("the health service is open to everyone:", () => {
  test("the health service needs no token and no loopback name", async (t) => {
    const settings = { INGEST_TOKEN: "s3nd", API_TOKEN: "r3ad" };
    const session = connectHttp2(t, await startObsvty(t, { settings }));
    const headers = { ":authority": "obsvty.example" };
    assert.equal((await call(session, checkPath, frame(new Uint8Array()), headers)).grpcStatus, 0);
  });

  test("the health service refuses a request larger than the name of a service", async (t) => {
    const session = connectHttp2(t, await startObsvty(t));
    for (const path of [checkPath, watchPath]) {
      const { grpcStatus } = await call(session, path, frame(Buffer.alloc(5_000)));
      assert.equal(grpcStatus, 8, path);
    }
  });

  test("the health service is not counted by the rate limit", async (t) => {
    const settings = { RATE_LIMIT_MAX: "1", RATE_LIMIT_WINDOW_MS: "60000" };
    const server = await startObsvty(t, { settings });
    const session = connectHttp2(t, server);
    for (let i = 0; i < 5; i++) {
      assert.equal((await call(session, checkPath, frame(new Uint8Array()))).grpcStatus, 0);
    }
    await query(server, "GetStats");
    await assert.rejects(query(server, "GetStats"), /429/);
  });
});
