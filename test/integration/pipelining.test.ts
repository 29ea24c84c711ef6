import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import fc from "fast-check";
import { QueryService } from "../../gen/obsvty/v1/query_pb.ts";
import type { IngestOutcome } from "../../src/domain/outcome.ts";
import type { Core } from "../../src/use-cases/core.ts";
import { eventually } from "../support/obsvty.ts";
import { frame } from "../support/raw-grpc.ts";
import { connectFrames, flags, frameTypes, headerBlock } from "../support/raw-http2.ts";
import { connectRaw, fakeCore, startServer } from "../support/server.ts";
import { handshake, startTlsServer } from "../support/tls.ts";

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
const exportHead = "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n";
const emptyExport = `${exportHead}content-length: 0\r\n\r\n`;

type IngestCall = (chunks: readonly Uint8Array[]) => IngestOutcome | Promise<IngestOutcome>;

/** A core of which every export is told. */
function coreWith(ingest: IngestCall): Core {
  return { ...fakeCore(), ingest: ((_signal, chunks) => ingest(chunks)) as Core["ingest"] };
}

const accepted: IngestOutcome = { kind: "accepted", items: 1 };

/** The status of each answer. */
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status);

describe("pipelined requests over HTTP/1.1", () => {
  const flood = 1_000;
  const over = {
    "in cleartext": async (t: TestContext, core: Core) => {
      const server = await startServer(t, { core, settings: { RATE_LIMIT_MAX: "0" } });
      return { server, open: async () => connectRaw(t, server).socket };
    },
    "over TLS": async (t: TestContext, core: Core) => {
      const server = await startTlsServer(t, { RATE_LIMIT_MAX: "0" }, (test, { settings }) =>
        startServer(test, { core, settings }),
      );
      return { server, open: () => handshake(t, server, server.trust) };
    },
  };
  for (const [what, start] of Object.entries(over)) {
    it(`pipelined requests of one connection let another client be answered between two of them, ${what}`, async (t) => {
      let handedOn = 0;
      let ask = () => {};
      const core = coreWith(() => {
        handedOn += 1;
        if (handedOn === 1) ask();
        return accepted;
      });
      const { open } = await start(t, core);
      const other = await open();
      const answered = new Promise<number>((resolve) => {
        // The first answer is that of a call that is sent before the flood.
        other.once("data", () => other.once("data", () => resolve(handedOn)));
      });
      other.write(get("/livez"));
      await new Promise((resolve) => other.once("data", resolve));
      ask = () => other.write(get("/livez"));
      const flooding = await open();
      flooding.write(emptyExport.repeat(flood));
      // A turn for each step of the other call: its bytes arrive, its answer leaves.
      assert.ok((await answered) < 20, `${await answered} of ${flood} were handed on before`);
      await eventually("all are answered", () => handedOn === flood || undefined);
    });
  }

  it("pipelined requests of many connections are not all read in one turn of the event loop", async (t) => {
    let handedOn = 0;
    const core = coreWith(() => {
      handedOn += 1;
      return accepted;
    });
    const server = await startServer(t, { core, settings: { RATE_LIMIT_MAX: "0" } });
    const connections = Array.from({ length: 20 }, () => connectRaw(t, server));
    for (const { socket } of connections) socket.write(emptyExport);
    for (const { received } of connections) await received(/HTTP\/1\.1 200 /);
    let read = 0;
    const readAtFirst = new Promise<number>((resolve) => {
      server.app.server.once("request", () => setImmediate(() => resolve(read)));
    });
    server.app.server.on("request", () => {
      read += 1;
    });
    for (const { socket } of connections) socket.write(emptyExport.repeat(600));
    // The first connection has no more than 64 KiB of them read.
    const all = connections.length * 600;
    assert.ok((await readAtFirst) < 1_500, `${await readAtFirst} of ${all} were read`);
    await eventually("all are answered", () => handedOn === connections.length + all || undefined);
  });

  it("pipelined requests are handed on when the one before is answered", async (t) => {
    const waiting: ((outcome: IngestOutcome) => void)[] = [];
    const core = coreWith(() => new Promise((resolve) => waiting.push(resolve)));
    const server = await startServer(t, { core });
    const { socket, received } = connectRaw(t, server);
    socket.write(emptyExport.repeat(2));
    for (const count of [1, 2, 3]) {
      await eventually("the next is handed on", () => waiting.length === count || undefined);
      // What a second request needs to be handed on: the answer to another client's call shows that time has passed.
      await fetch(`${server.url}/livez`);
      assert.equal(waiting.length, count);
      if (count === 2) socket.write(emptyExport);
      waiting.at(-1)?.(accepted);
    }
    await received(/(HTTP\/1\.1 200 .*){3}/s);
  });

  it("pipelined requests are all answered though the caller reads only when it has sent all", async (t) => {
    let looks = 0;
    const core = fakeCore();
    const { stats } = core.reader;
    const reader = Object.assign(core.reader, {
      stats: () => {
        looks += 1;
        return stats.call(core.reader);
      },
    });
    const settings = { RATE_LIMIT_MAX: "0", REQUEST_TIMEOUT_MS: "60000" };
    const server = await startServer(t, { core: { ...core, reader }, settings });
    const { socket, untilClosed } = connectRaw(t, server);
    // The answers are more than the system keeps for a caller who does not read.
    const count = 700;
    socket.pause();
    socket.write(get("/metrics").repeat(count));
    await eventually("the server waits for the caller to read", async () => {
      const before = looks;
      for (let i = 0; i < 3; i++) await fetch(`${server.url}/livez`);
      return (before > 0 && looks === before) || undefined;
    });
    socket.resume();
    socket.end("GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    const answers = statuses(await untilClosed);
    assert.deepEqual([answers.length, new Set(answers)], [count + 1, new Set(["200"])]);
  });

  it("pipelined requests are answered when the caller ends its side at once", async (t) => {
    const server = await startServer(t);
    const { socket, untilClosed } = connectRaw(t, server);
    socket.end(get("/livez").repeat(3) + emptyExport);
    assert.deepEqual(statuses(await untilClosed), ["200", "200", "200", "200"]);
  });

  it("pipelined requests are answered up to one that is malformed, which is answered 400", async (t) => {
    const server = await startServer(t);
    const { socket, untilClosed } = connectRaw(t, server);
    socket.write(`${emptyExport}${get("/livez")}GET / HTTP/9.9\r\n\r\n${get("/livez")}`);
    assert.deepEqual(statuses(await untilClosed), ["200", "200", "400"]);
  });

  /** So many exports before a request that is refused are kept and answered, and what is behind it is not. */
  async function assertAnswersBefore(
    t: TestContext,
    refused: string,
    status: string,
    counts: readonly number[],
  ): Promise<void> {
    let kept = 0;
    const core = coreWith(async () => {
      // The parser has read what is refused by then.
      await new Promise(setImmediate);
      kept += 1;
      return accepted;
    });
    const server = await startServer(t, { core, settings: { RATE_LIMIT_MAX: "0" } });
    for (const good of counts) {
      kept = 0;
      const { socket, untilClosed } = connectRaw(t, server);
      socket.write(emptyExport.repeat(good) + refused + emptyExport);
      assert.deepEqual(statuses(await untilClosed), [...Array(good).fill("200"), status]);
      assert.equal(kept, good);
    }
  }

  for (const [fault, brokenBody, status] of [
    ["a bad size of a chunk", "xyz\r\n", "400"],
    ["a chunk that is longer than its size", "1\r\nabc\r\n0\r\n\r\n", "400"],
    ["chunk extensions without end", `1;${"x".repeat(20_000)}`, "413"],
  ] as const) {
    it(`pipelined requests are all answered before one whose body has ${fault}`, async (t) => {
      const broken = `${exportHead}transfer-encoding: chunked\r\n\r\n${brokenBody}`;
      await assertAnswersBefore(t, broken, status, [1, 2, 3]);
    });
  }

  it("pipelined requests are all answered before one whose body breaks while the answer before it is written", async (t) => {
    let breakBody = () => {};
    const server = await startServer(t, {
      core: coreWith(() => {
        breakBody();
        return accepted;
      }),
    });
    const { socket, untilClosed } = connectRaw(t, server);
    // It arrives after the answer to the first request, and before the second one has its turn.
    breakBody = () => socket.write("xyz\r\n");
    socket.write(`${emptyExport}${exportHead}transfer-encoding: chunked\r\n\r\n`);
    assert.deepEqual(statuses(await untilClosed), ["200", "400"]);
  });

  for (const [what, request, status] of [
    ["CONNECT, which only proxies serve", "CONNECT a.example:443 HTTP/1.1\r\nhost: a.example\r\n\r\n", "501"],
    [
      "CONNECT with a body that does not end",
      "CONNECT a.example:443 HTTP/1.1\r\nhost: a.example\r\ncontent-length: 9\r\n\r\nabc",
      "501",
    ],
    ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400"],
  ] as const) {
    it(`pipelined requests are all answered before ${what}, which is refused`, async (t) => {
      await assertAnswersBefore(t, request, status, [1, 2, 3, 100]);
    });
  }

  it("pipelined requests are not handed on behind one that closes the connection", async (t) => {
    const server = await startServer(t);
    const { socket, untilClosed } = connectRaw(t, server);
    socket.write(`GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n${emptyExport}`);
    assert.deepEqual(statuses(await untilClosed), ["200"]);
    assert.equal(server.core.counters.of("traces").accepted, 0);
  });

  it("pipelined requests that Node itself answers let others be served too", async (t) => {
    const server = await startServer(t, { settings: { RATE_LIMIT_MAX: "0" } });
    const { socket, received } = connectRaw(t, server);
    const odd = "GET / HTTP/1.1\r\nhost: localhost\r\nexpect: the-unexpected\r\n\r\n";
    socket.write(odd.repeat(flood) + get("/livez"));
    let answers = 0;
    socket.on("data", (chunk: Buffer) => {
      answers += statuses(chunk.toString("latin1")).length;
    });
    await received(/417/);
    await fetch(`${server.url}/livez`);
    assert.ok(answers < flood / 2, `${answers} of ${flood} were answered before`);
    await received(/HTTP\/1\.1 200 /);
  });
});

describe("calls that come at once over one HTTP/2 connection", () => {
  const post = headerBlock({
    ":method": "POST",
    ":scheme": "http",
    ":authority": "localhost",
    ":path": "/v1/traces",
    "content-type": "application/x-protobuf",
  });
  const ends = flags.endStream | flags.endHeaders;

  it("calls at once over one HTTP/2 connection let another client be answered between two of them", async (t) => {
    let handedOn = 0;
    let ask = () => {};
    const core = coreWith(() => {
      handedOn += 1;
      if (handedOn === 1) ask();
      // As long as a large export takes.
      for (const endMs = performance.now() + 2; performance.now() < endMs; );
      return accepted;
    });
    const server = await startServer(t, { core, settings: { RATE_LIMIT_MAX: "0" } });
    const other = connectRaw(t, server);
    other.socket.write(get("/livez"));
    await other.received(/200/);
    ask = () => other.socket.write(get("/livez"));
    const answered = new Promise<number>((resolve) => other.socket.once("data", () => resolve(handedOn)));
    const connection = connectFrames(t, server);
    connection.socket.cork();
    for (let i = 0; i < 200; i++) connection.send(frameTypes.headers, ends, 2 * i + 1, post);
    connection.socket.uncork();
    assert.ok((await answered) < 100, `${await answered} of 200 were handed on before`);
    await connection.received(({ stream, flags: set }) => stream === 399 && (set & flags.endStream) !== 0);
    assert.equal(handedOn, 200);
  });

  it("calls at once over one HTTP/2 connection are not handed on when the client has cancelled them meanwhile", async (t) => {
    let handedOn = 0;
    const core = coreWith(() => {
      handedOn += 1;
      return accepted;
    });
    const server = await startServer(t, { core, settings: { RATE_LIMIT_MAX: "0" } });
    const connection = connectFrames(t, server);
    connection.socket.cork();
    const internalError = Buffer.of(0, 0, 0, 2);
    for (let i = 0; i < 200; i++) {
      connection.send(frameTypes.headers, flags.endHeaders, 2 * i + 1, post);
      connection.send(frameTypes.reset, 0, 2 * i + 1, internalError);
    }
    connection.send(frameTypes.headers, ends, 401, post);
    connection.socket.uncork();
    await connection.received(({ stream, flags: set }) => stream === 401 && (set & flags.endStream) !== 0);
    assert.equal(handedOn, 1);
    assert.equal((await fetch(`${server.url}/livez`)).status, 200);
  });

  it("calls at once over one HTTP/2 connection are handled a few in each turn of the event loop when they are no exports", async (t) => {
    let handled = 0;
    const first = Promise.withResolvers<number>();
    const countCall = () => {
      handled += 1;
      if (handled === 1) setImmediate(() => first.resolve(handled));
      return {};
    };
    const server = await startServer(t, {
      registrars: [(router) => router.service(QueryService, { getStats: countCall })],
      settings: { RATE_LIMIT_MAX: "0" },
    });
    const connection = connectFrames(t, server);
    const getStats = headerBlock({
      ":method": "POST",
      ":scheme": "http",
      ":authority": "localhost",
      ":path": "/obsvty.v1.QueryService/GetStats",
      "content-type": "application/grpc",
      te: "trailers",
    });
    connection.socket.cork();
    for (let i = 0; i < 100; i++) {
      connection.send(frameTypes.headers, flags.endHeaders, 2 * i + 1, getStats);
      connection.send(frameTypes.data, flags.endStream, 2 * i + 1, frame(Buffer.alloc(0)));
    }
    connection.socket.uncork();
    assert.ok((await first.promise) <= 10, `${await first.promise} of 100 were handled in the first turn`);
    await eventually("all are handled", () => handled === 100 || undefined);
  });

  it("calls at once over one HTTP/2 connection are not handed on when the client has cancelled them in the same bytes", async (t) => {
    const server = await startServer(t);
    const connection = connectFrames(t, server);
    const search = headerBlock({
      ":method": "POST",
      ":scheme": "http",
      ":authority": "localhost",
      ":path": "/obsvty.v1.QueryService/GetStats",
      "content-type": "application/grpc",
    });
    connection.socket.cork();
    for (let i = 0; i < 200; i++) {
      connection.send(frameTypes.headers, flags.endHeaders, 2 * i + 1, search);
      connection.send(frameTypes.reset, 0, 2 * i + 1, Buffer.of(0, 0, 0, i % 2 === 0 ? 8 : 2));
    }
    connection.socket.uncork();
    connection.send(frameTypes.headers, ends, 401, post);
    await connection.received(({ stream, flags: set }) => stream === 401 && (set & flags.endStream) !== 0);
    // A call whose connection is not known is refused, and that is logged.
    assert.deepEqual(
      server.logs.filter(({ path }) => path !== undefined),
      [],
    );
    assert.equal(server.core.counters.of("traces").accepted, 1);
  });

  it("calls over one HTTP/2 connection that come at once and are cancelled by the hundred close it", async (t) => {
    const server = await startServer(t);
    const connection = connectFrames(t, server);
    for (let i = 0; i < 400; i++) {
      connection.send(frameTypes.headers, flags.endHeaders, 2 * i + 1, post);
      connection.send(frameTypes.reset, 0, 2 * i + 1, Buffer.of(0, 0, 0, 8));
    }
    await connection.received(({ type }) => type === frameTypes.goaway);
    await connection.closed;
  });
});

interface Sent {
  readonly body: NonSharedBuffer;
  readonly chunks: readonly number[] | undefined;
}

/** Bodies full of what ends headers. */
const body = fc
  .array(
    fc.constantFrom("\r\n\r\n", "\r\n", "\r", "\n", "0\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "x".repeat(300)),
    {
      maxLength: 40,
    },
  )
  .map((parts) => Buffer.from(parts.join("")));
const sent: fc.Arbitrary<Sent> = fc.record({
  body,
  chunks: fc.option(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 20 }), { nil: undefined }),
});

function bytesOf({ body, chunks }: Sent): NonSharedBuffer {
  if (chunks === undefined) {
    return Buffer.concat([Buffer.from(`${exportHead}content-length: ${body.byteLength}\r\n\r\n`), body]);
  }
  const parts = [Buffer.from(`${exportHead}transfer-encoding: chunked\r\n\r\n`)];
  let rest = body;
  for (const size of [...chunks, body.byteLength]) {
    const part = rest.subarray(0, size);
    rest = rest.subarray(size);
    if (part.byteLength > 0) {
      parts.push(Buffer.from(`${part.byteLength.toString(16)}\r\n`), part, Buffer.from("\r\n"));
    }
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}

it("requests over HTTP/1.1 arrive whole and in order, however they are pipelined and cut", async (t) => {
  let arrived: string[] = [];
  const core = coreWith((chunks) => {
    arrived.push(Buffer.concat(chunks).toString());
    return accepted;
  });
  const server = await startServer(t, { core, settings: { RATE_LIMIT_MAX: "0" } });
  const cuts = fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 40 });
  const property = fc.asyncProperty(
    fc.array(sent, { minLength: 1, maxLength: 8 }),
    cuts,
    async (all, sizes) => {
      arrived = [];
      const { socket, untilClosed } = connectRaw(t, server);
      socket.setNoDelay(true);
      let rest = Buffer.concat(all.map(bytesOf));
      for (const size of sizes) {
        if (rest.byteLength > 0) socket.write(rest.subarray(0, size));
        rest = rest.subarray(size);
        await new Promise(setImmediate);
      }
      socket.end(Buffer.concat([rest, Buffer.from(get("/livez"))]));
      assert.equal(statuses(await untilClosed).length, all.length + 1);
      assert.deepEqual(
        arrived,
        all.map((each) => each.body.toString()),
      );
    },
  );
  await fc.assert(property, { numRuns: 150 });
});
