import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttp1, type Server as Http1Server } from "node:http";
import { createServer as createHttp2, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer as createNet, type Server, type Socket } from "node:net";
import { describe, type TestContext, test } from "node:test";
import { type OtlpProtocol, OtlpSink } from "../../src/adapters/outbound/otlp-sink/otlp-sink.ts";
import { encode, spansOf } from "../contract/store-requests.ts";
import { OtlpUpstream } from "../support/otlp-upstream.ts";
import { TcpRelay } from "../support/tcp-relay.ts";

const noAbort = new AbortController().signal;
const requests = [{ firstOrdinal: 0, items: 2, bytes: encode("traces", spansOf(2)) }];

function sinkFor(t: TestContext, url: string | URL, protocol: OtlpProtocol, timeoutMs = 10_000): OtlpSink {
  const options = {
    compression: "none",
    headers: {},
    changingHeaders: () => ({}),
    tls: () => ({}),
    maxBytes: 2 ** 22,
    timeoutMs,
  } as const;
  const sink = new OtlpSink({ url: new URL(url), protocol, ...options });
  t.after(() => sink.close());
  return sink;
}

/** A listening server that is cut when the test ends. */
async function listen(t: TestContext, server: Server | Http1Server | Http2Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers every gRPC call in its own way. */
function odd(answer: (stream: ServerHttp2Stream) => void): Http2Server {
  const server = createHttp2();
  server.on("stream", (stream: ServerHttp2Stream) => {
    stream.on("error", () => {});
    answer(stream);
  });
  return server;
}

const type = { "content-type": "application/grpc" };

describe("the OTLP sink over gRPC", () => {
  for (const [what, expected, answer] of [
    [
      "an answer before the request was read",
      { kind: "later", code: "UNAVAILABLE" },
      (stream) => stream.respond({ ...type, "grpc-status": "14" }, { endStream: true }),
    ],
    [
      "an answer of HTTP alone",
      { kind: "later", code: "HTTP 503" },
      (stream) => stream.respond({ ":status": 503 }, { endStream: true }),
    ],
    [
      "an answer without a status",
      { kind: "later", code: "no gRPC status" },
      (stream) => stream.respond(type, { endStream: true }),
    ],
    [
      "a status that is no number",
      { kind: "later", code: "no gRPC status" },
      (stream) => stream.respond({ ...type, "grpc-status": "fine" }, { endStream: true }),
    ],
    [
      "a message of a megabyte, which says nothing",
      { kind: "delivered" },
      (stream) => {
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.respond(type, { waitForTrailers: true });
        stream.end(Buffer.alloc(2 ** 20, 1));
      },
    ],
    [
      "OK in a page of a proxy",
      { kind: "later", code: "success without an Export response" },
      (stream) => stream.respond({ "content-type": "text/html", "grpc-status": "0" }, { endStream: true }),
    ],
    [
      "OK without a message",
      { kind: "later", code: "success without an Export response" },
      (stream) => stream.respond({ ...type, "grpc-status": "0" }, { endStream: true }),
    ],
    [
      "informational answers without an end",
      { kind: "later", code: "too many answers of 1xx" },
      (stream) => {
        const more = () => {
          if (stream.destroyed) return;
          for (let i = 0; i < 10; i++) stream.additionalHeaders({ ":status": 103 });
          setImmediate(more);
        };
        more();
      },
    ],
    ["a reset of the call", { kind: "later", code: "ERR_HTTP2_STREAM_ERROR" }, (stream) => stream.close(2)],
    [
      "a connection that is cut",
      { kind: "later", code: "connection closed" },
      (stream) => stream.session?.socket.destroy(),
    ],
  ] as const satisfies readonly [string, object, Parameters<typeof odd>[0]][]) {
    test(`the OTLP sink over gRPC knows what to make of ${what}`, async (t) => {
      const sink = sinkFor(t, await listen(t, odd(answer)), "grpc");
      assert.deepEqual(await sink.deliver("traces", requests, noAbort), expected);
      assert.deepEqual(await sink.deliver("traces", requests, noAbort), expected);
    });
  }
});

describe("a connection of the OTLP sink that is dead and says nothing", () => {
  for (const protocol of ["grpc", "http/protobuf"] as const) {
    test(`a dead connection of the OTLP sink is noticed by a call that waits, and the next one has a new connection, by ${protocol}`, async (t) => {
      const upstream = await new OtlpUpstream(t, protocol).start();
      const relay = await TcpRelay.open(t);
      relay.target = Number(upstream.url.port);
      const timeoutMs = 2_000;
      const sink = sinkFor(t, `http://127.0.0.1:${relay.port}`, protocol, timeoutMs);
      const deliver = () => sink.deliver("traces", requests, AbortSignal.timeout(timeoutMs));
      assert.deepEqual(await deliver(), { kind: "delivered" });
      relay.hold();
      // The first one may be lost, unless it has a new connection already.
      await deliver();
      assert.deepEqual(await deliver(), { kind: "delivered" });
    });
  }

  test("a call of the OTLP sink that waits for a slow upstream keeps its connection", async (t) => {
    const upstream = await new OtlpUpstream(t, "grpc").start();
    const relay = await TcpRelay.open(t);
    relay.target = Number(upstream.url.port);
    upstream.answer = () => undefined;
    const sink = sinkFor(t, `http://127.0.0.1:${relay.port}`, "grpc", 1_000);
    const delivery = await sink.deliver("traces", requests, AbortSignal.timeout(1_000));
    assert.deepEqual(delivery, { kind: "later", code: "aborted" });
    upstream.answer = () => ({});
    assert.deepEqual(await sink.deliver("traces", requests, noAbort), { kind: "delivered" });
    assert.equal(relay.connections, 1);
  });

  test("a call of the OTLP sink over gRPC tells the upstream how long it waits", async (t) => {
    const upstream = await new OtlpUpstream(t, "grpc").start();
    await sinkFor(t, upstream.url, "grpc", 7_500).deliver("traces", requests, noAbort);
    assert.equal(upstream.received[0]!.headers["grpc-timeout"], "7500m");
  });
});

describe("the OTLP sink over HTTP", () => {
  test("an OTLP sink does not tell of a connection that the server closed while it was idle", async (t) => {
    const upstream = await new OtlpUpstream(t, "http/protobuf").start();
    const sink = sinkFor(t, upstream.url, "http/protobuf");
    for (let i = 0; i < 20; i++) {
      assert.deepEqual(await sink.deliver("traces", requests, noAbort), { kind: "delivered" });
      upstream.cut();
    }
    assert.equal(upstream.takenBytes("traces").length, 20);
  });

  test("the OTLP sink over HTTP puts the paths of the signals behind that of its endpoint", async (t) => {
    const paths: (string | undefined)[] = [];
    const server = createHttp1((request, response) => {
      paths.push(request.url);
      request.resume().on("end", () => response.end());
    });
    const url = await listen(t, server);
    for (const base of ["", "/", "/otlp", "/otlp/"]) {
      await sinkFor(t, `${url}${base}`, "http/protobuf").deliver("traces", requests, noAbort);
    }
    assert.deepEqual(paths, ["/v1/traces", "/v1/traces", "/otlp/v1/traces", "/otlp/v1/traces"]);
  });

  test("the OTLP sink over HTTP sends nothing more of a request that was answered before it was read", async (t) => {
    let received = 0;
    const closed = Promise.withResolvers<void>();
    const server = createNet((socket) => {
      socket.on("error", () => {});
      socket.on("close", () => closed.resolve());
      socket.once("data", (head) => {
        received = head.length;
        socket.pause();
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      });
      socket.on("data", (chunk) => {
        received += chunk.length;
      });
      resume = () => socket.resume();
    });
    let resume = () => {};
    const url = await listen(t, server);
    const bytes = new Uint8Array(64 * 2 ** 20);
    const large = [{ firstOrdinal: 0, items: 1, bytes }];
    const delivery = await sinkFor(t, url, "http/protobuf").deliver("traces", large, noAbort);
    assert.deepEqual(delivery, { kind: "delivered" });
    resume();
    await closed.promise;
    assert.ok(received < bytes.byteLength, `${received} bytes`);
  });

  test("the OTLP sink over HTTP waits as long as Retry-After says, and follows no redirect", async (t) => {
    let status = 429;
    const server = createHttp1((request, response) => {
      request.resume().on("end", () => {
        response.writeHead(status, { "retry-after": "7", location: "/elsewhere" }).end();
      });
    });
    const sink = sinkFor(t, await listen(t, server), "http/protobuf");
    assert.deepEqual(await sink.deliver("traces", requests, noAbort), {
      kind: "later",
      code: "HTTP 429",
      retryAfterMs: 7_000,
    });
    status = 307;
    assert.deepEqual(await sink.deliver("traces", requests, noAbort), {
      kind: "later",
      code: "HTTP 307",
      retryAfterMs: 7_000,
    });
  });

  test("the OTLP sink over HTTP takes no page for an answer, and goes on when the page is gone", async (t) => {
    let isPage = true;
    const server = createHttp1((request, response) => {
      request.resume().on("end", () => {
        response.writeHead(200, { "content-type": isPage ? "text/html" : "application/x-protobuf" });
        response.end(isPage ? "<title>Log in</title>" : "");
      });
    });
    const sink = sinkFor(t, await listen(t, server), "http/protobuf");
    const deliver = () => sink.deliver("traces", requests, noAbort);
    assert.deepEqual(await deliver(), { kind: "later", code: "success without an Export response" });
    isPage = false;
    assert.deepEqual(await deliver(), { kind: "delivered" });
  });

  test("the OTLP sink over HTTP cuts a call to which informational answers come without an end", async (t) => {
    const server = createHttp1((request, response) => {
      request.resume();
      const more = () => {
        if (response.destroyed) return;
        for (let i = 0; i < 10; i++) response.writeProcessing();
        setImmediate(more);
      };
      more();
    });
    const sink = sinkFor(t, await listen(t, server), "http/protobuf");
    for (let i = 0; i < 2; i++) {
      const delivery = await sink.deliver("traces", requests, noAbort);
      assert.deepEqual(delivery, { kind: "later", code: "too many answers of 1xx" });
    }
  });
});
