import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { constants } from "node:http2";
import { connect, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { SHREDDED_CHUNKS } from "../../src/adapters/inbound/body/chunk-list.ts";
import type { Client } from "../../src/adapters/inbound/listener/connection.ts";
import { FloodWatch } from "../../src/adapters/inbound/listener/flood-watch.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { eventually } from "../support/obsvty.ts";
import { frame } from "../support/raw-grpc.ts";
import { connectFrames, type FrameConnection, flags, frameTypes, headerBlock } from "../support/raw-http2.ts";
import { connectRaw, startServer, type TestServer } from "../support/server.ts";
import { handshake, startTlsServer, type TlsServer } from "../support/tls.ts";
import { lengthDelimited, traceRequest, validSpanFields } from "../support/wire.ts";

// Node reads in one turn of the event loop all that has come by all connections. 64 KiB with pieces of a few bytes take
// tens of milliseconds.

const connections = 30;
const pieceBytes = 20;
/** Node's parser and its HTTP/2 session get so much at once. */
const readBytes = 65_536;
/** In pieces, with what each costs on the wire, it is nearly as long as a read. */
const exported = traceRequest(
  Buffer.concat([validSpanFields, lengthDelimited(5, Buffer.alloc(36_000, "a"))]),
);

function piecesOf(body: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(body.byteLength / pieceBytes) }, (_, i) =>
    body.subarray(i * pieceBytes, (i + 1) * pieceBytes),
  );
}

const http1Export = Buffer.concat([
  Buffer.from("POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n"),
  Buffer.from("transfer-encoding: chunked\r\n\r\n"),
  ...piecesOf(exported).flatMap((piece) => [
    Buffer.from(`${piece.byteLength.toString(16)}\r\n`),
    piece,
    Buffer.from("\r\n"),
  ]),
  Buffer.from("0\r\n\r\n"),
]);

/** A connection that is open, and has its export sent by a function that resolves when it is accepted. */
type Exporter = () => Promise<unknown>;

async function http1Exporter(socket: Socket): Promise<Exporter> {
  socket.write("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await once(socket, "data");
  return async () => {
    socket.write(http1Export);
    const [answer] = await once(socket, "data");
    assert.match(String(answer), /^HTTP\/1\.1 200 /);
  };
}

async function http2Exporter(t: TestContext, server: TestServer): Promise<Exporter> {
  const { socket, send, received } = connectFrames(t, server);
  await received(({ type }) => type === frameTypes.settings);
  return async () => {
    // In one write, as an attacker would.
    socket.cork();
    send(frameTypes.headers, flags.endHeaders, 1, exportCall);
    for (const piece of piecesOf(frame(exported))) send(frameTypes.data, 0, 1, piece);
    send(frameTypes.data, flags.endStream, 1);
    socket.uncork();
    // The answer's trailers.
    await received(({ type, flags: set }) => type === frameTypes.headers && (set & flags.endStream) !== 0);
  };
}

const exportCall = headerBlock({
  ":method": "POST",
  ":scheme": "http",
  ":path": exportPath("traces"),
  ":authority": "localhost",
  te: "trailers",
  "content-type": "application/grpc",
});
const rootCall = headerBlock({
  ":method": "POST",
  ":scheme": "http",
  ":path": "/",
  ":authority": "localhost",
});

const rateLimit = { RATE_LIMIT_MAX: "0" };
const protocols = {
  "chunks over HTTP/1.1": {
    start: (t: TestContext) => startServer(t, { settings: rateLimit }),
    open: (t: TestContext, server: TestServer) => http1Exporter(connectRaw(t, server).socket),
  },
  "chunks over HTTP/1.1 and TLS": {
    start: (t: TestContext) => startTlsServer(t, rateLimit),
    open: async (t: TestContext, server: TestServer) =>
      http1Exporter(await handshake(t, server as TlsServer)),
  },
  "DATA frames over HTTP/2": {
    start: (t: TestContext) => startServer(t, { settings: rateLimit }),
    open: http2Exporter,
  },
} as const;

/** Notes how many bytes the server reads in each turn of the event loop, until it is told to end. */
function bytesOfTurns(sockets: readonly Socket[]): () => number {
  const read = () => sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  let before = read();
  let most = 0;
  let isOver = false;
  const next = () => {
    const now = read();
    most = Math.max(most, now - before);
    before = now;
    if (!isOver) setImmediate(next);
  };
  setImmediate(next);
  return () => {
    isOver = true;
    return most;
  };
}

describe("bodies in small pieces that come at once by many connections", () => {
  for (const [what, { start, open }] of Object.entries(protocols)) {
    it(`small pieces that come at once by many connections are read a few in each turn of the event loop: ${what}`, async (t) => {
      const server = await start(t);
      const sockets: Socket[] = [];
      server.app.server.on("connection", (socket: Socket) => sockets.push(socket));
      const exporters: Exporter[] = [];
      for (let i = 0; i < connections; i++) exporters.push(await open(t, server));
      const end = bytesOfTurns(sockets);
      await Promise.all(exporters.map((sendExport) => sendExport()));
      const most = end();
      assert.ok(most <= 3 * readBytes, `${most} bytes were read in one turn`);
      assert.equal(server.core.counters.of("traces").accepted, connections);
    });
  }

  it("a client that sends in small pieces does not hold up another client", async (t) => {
    const server = await startServer(t, { settings: rateLimit });
    const exporters = await Promise.all(
      Array.from({ length: connections }, () => http1Exporter(connectRaw(t, server).socket)),
    );
    const other = connect({ port: server.port, host: "127.0.0.1", localAddress: "127.0.0.2" });
    t.after(() => other.destroy());
    const ask = async () => {
      other.write("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n");
      await once(other, "data");
    };
    await ask();
    const all = Promise.all(exporters.map((sendExport) => sendExport()));
    await ask();
    const { accepted } = server.core.counters.of("traces");
    assert.ok(accepted < connections / 2, `${accepted} of ${connections} exports were read before`);
    await all;
  });

  it("one connection with many small pieces is read in several turns of the event loop", async (t) => {
    const server = await startServer(t, { settings: rateLimit });
    const sockets: Socket[] = [];
    server.app.server.on("connection", (socket: Socket) => sockets.push(socket));
    const { socket, received } = connectRaw(t, server);
    socket.write("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await received(/}/);
    const end = bytesOfTurns(sockets);
    const head = "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    const piece = `14\r\n${" ".repeat(pieceBytes)}\r\n`;
    socket.write(`${head}transfer-encoding: chunked\r\n\r\n${piece.repeat(40_000)}2\r\n{}\r\n0\r\n\r\n`);
    await received(/HTTP\/1\.1 200 [\s\S]*HTTP\/1\.1 200 /);
    const most = end();
    assert.ok(most <= 3 * readBytes, `${most} bytes were read in one turn`);
  });
});

describe("small pieces of bodies that nobody reads", () => {
  for (const call of ["GET /livez", "GET /", "POST /nothing"]) {
    it(`small pieces behind ${call} are read a few in each turn of the event loop`, async (t) => {
      const server = await startServer(t, { settings: rateLimit });
      const sockets: Socket[] = [];
      server.app.server.on("connection", (socket: Socket) => sockets.push(socket));
      const clients = Array.from({ length: connections }, () => connectRaw(t, server).socket);
      await Promise.all(clients.map(http1Exporter));
      const end = bytesOfTurns(sockets);
      const head = `${call} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n`;
      const bytes = head + "1\r\nx\r\n".repeat(20_000);
      const before = sockets.map(({ bytesRead }) => bytesRead);
      for (const socket of clients) socket.write(bytes);
      const isRead = (socket: Socket, i: number) =>
        socket.destroyed || socket.bytesRead >= (before[i] ?? 0) + bytes.length;
      await eventually("all is read, or the connection closed", () => sockets.every(isRead) || undefined);
      const most = end();
      assert.ok(most <= 3 * readBytes, `${most} bytes were read in one turn`);
    });
  }
});

it("PING frames that come at once by many connections are read a few in each turn of the event loop", async (t) => {
  const server = await startServer(t, { settings: rateLimit });
  const sockets: Socket[] = [];
  server.app.server.on("connection", (socket: Socket) => sockets.push(socket));
  const clients = Array.from({ length: connections }, () => connectFrames(t, server));
  await Promise.all(clients.map(({ received }) => received(({ type }) => type === frameTypes.settings)));
  const end = bytesOfTurns(sockets);
  const last = Buffer.from("the last");
  // nghttp2 closes a connection when 1,000 answers to them wait.
  for (const { socket, send } of clients) {
    socket.cork();
    for (let i = 1; i < 900; i++) send(frameTypes.ping, 0, 0, Buffer.alloc(8));
    send(frameTypes.ping, 0, 0, last);
    socket.uncork();
  }
  await Promise.all(
    clients.map(({ received }) =>
      received(({ type, payload }) => type === frameTypes.ping && payload.equals(last)),
    ),
  );
  const most = end();
  assert.ok(most <= 3 * readBytes, `${most} bytes were read in one turn`);
});

describe("frames of HTTP/2 that cost more to read than they are long", () => {
  type Send = FrameConnection["send"];
  /** What one connection sends. */
  const floods: Readonly<Record<string, (send: Send) => void>> = {
    // nghttp2 closes a connection with more than 300 at once.
    "calls that are reset at once": (send) => {
      for (let stream = 1; stream < 500; stream += 2) {
        send(frameTypes.headers, flags.endHeaders, stream, rootCall);
        send(frameTypes.reset, 0, stream, Buffer.of(0, 0, 0, 8));
      }
    },
    "as many calls as may be open": (send) => {
      for (let stream = 1; stream < 200; stream += 2)
        send(frameTypes.headers, flags.endHeaders, stream, rootCall);
    },
    "SETTINGS frames": (send) => {
      for (let i = 0; i < 900; i++) send(frameTypes.settings, 0, 0);
    },
    "GOAWAY frames": (send) => {
      for (let i = 0; i < 900; i++) send(frameTypes.goaway, 0, 0, Buffer.alloc(8));
    },
  };
  for (const [what, flood] of Object.entries(floods)) {
    it(`${what}, by many connections of a client, are read a few in each turn of the event loop`, async (t) => {
      const server = await startServer(t, { settings: rateLimit });
      const sockets: Socket[] = [];
      server.app.server.on("connection", (socket: Socket) => sockets.push(socket));
      const clients = Array.from({ length: connections }, () => connectFrames(t, server));
      await Promise.all(clients.map(({ received }) => received(({ type }) => type === frameTypes.settings)));
      const before = sockets.map(({ bytesRead }) => bytesRead);
      const sent = clients.map(({ socket, send }) => {
        const { bytesWritten } = socket;
        socket.cork();
        flood(send);
        socket.uncork();
        return socket.bytesWritten - bytesWritten;
      });
      const end = bytesOfTurns(sockets);
      await eventually(
        "all is read",
        () =>
          sockets.every((socket, i) => socket.destroyed || socket.bytesRead >= before[i]! + sent[i]!) ||
          undefined,
      );
      const most = end();
      assert.ok(most <= (connections / 3) * Math.max(...sent), `${most} bytes were read in one turn`);
    });
  }
});

describe("a connection that floods the server within one read is closed with ENHANCE_YOUR_CALM, and what follows is not looked at:", () => {
  const readFrames = 1_000;
  /** Sends frames in one write, and returns how many the server is told of. */
  const countTold = async (
    t: TestContext,
    event: "stream" | "goaway",
    send: (client: FrameConnection) => void,
  ) => {
    const server = await startServer(t, { settings: rateLimit });
    let told = 0;
    const emit = EventEmitter.prototype.emit;
    t.mock.method(EventEmitter.prototype, "emit", function (this: object, name: string, ...args: unknown[]) {
      if (name === event && "localSettings" in this) told += 1;
      return emit.call(this, name, ...args);
    });
    const client = connectFrames(t, server);
    await client.received(({ type }) => type === frameTypes.settings);
    client.socket.cork();
    send(client);
    client.socket.uncork();
    await client.received(
      ({ type, payload }) =>
        type === frameTypes.goaway && payload.readUInt32BE(4) === constants.NGHTTP2_ENHANCE_YOUR_CALM,
    );
    await client.closed;
    return told;
  };

  it("calls that are cancelled at once", async (t) => {
    const told = await countTold(t, "stream", ({ send }) => {
      for (let stream = 1; stream < 2 * readFrames; stream += 2) {
        send(frameTypes.headers, flags.endHeaders, stream, rootCall);
        send(frameTypes.reset, 0, stream, Buffer.of(0, 0, 0, 8));
      }
    });
    assert.ok(told < 400, `the server looked at ${told} calls`);
  });

  it("GOAWAY frames", async (t) => {
    const told = await countTold(t, "goaway", ({ send }) => {
      for (let i = 0; i < readFrames; i++) send(frameTypes.goaway, 0, 0, Buffer.alloc(8));
    });
    assert.ok(told < 20, `the server looked at ${told} frames`);
  });

  it("a body in tiny pieces", async (t) => {
    const told = await countTold(t, "stream", ({ send }) => {
      send(frameTypes.headers, flags.endHeaders, 1, exportCall);
      for (let i = 0; i < 2 * SHREDDED_CHUNKS; i++) send(frameTypes.data, 0, 1, Buffer.alloc(1));
      send(frameTypes.headers, flags.endHeaders, 3, exportCall);
    });
    assert.equal(told, 1);
  });
});

describe("a client that sends in small pieces is served to the end", () => {
  it("a connection that closes while it waits for its turn leaves the others their turns", async (t) => {
    const server = await startServer(t, { settings: rateLimit });
    const raw = Array.from({ length: connections }, () => connectRaw(t, server).socket);
    const exporters = await Promise.all(raw.map(http1Exporter));
    const answers = exporters.map((sendExport) => sendExport().then(() => true));
    for (const socket of raw.slice(0, connections / 2)) socket.destroy();
    await Promise.all(answers.slice(connections / 2));
    await eventually("the others are gone", () => server.callsInFlight() === 0 || undefined);
  });
});

/** Keeps the event loop from doing anything else. */
function holdUp(ms: number): void {
  for (const endMs = performance.now() + ms; performance.now() < endMs; );
}

/** Makes all turns of the event loop slow, until the test ends. */
function turnsOf70Ms(t: TestContext): void {
  let isOver = false;
  const next = () => {
    if (isOver) return;
    holdUp(70);
    setImmediate(next);
  };
  next();
  t.after(() => {
    isOver = true;
  });
}

const heldUp = "the event loop was held up";

describe("a client that held everybody up by frames that nobody is told of has one connection read in each turn", () => {
  /** How long turns are. */
  const slow: Readonly<Record<string, (t: TestContext) => void>> = {
    "one turn of 1.5 seconds": (t) => {
      const timer = setInterval(() => holdUp(1_500), 2_000);
      t.after(() => clearInterval(timer));
    },
    "turns of 70 ms": turnsOf70Ms,
  };
  for (const [turns, begin] of Object.entries(slow)) {
    it(`frames that nobody is told of, in ${turns}, have one connection of their client read in each turn`, async (t) => {
      const server = await startServer(t, { settings: rateLimit });
      const sockets: Socket[] = [];
      server.app.server.on("connection", (socket: Socket) => sockets.push(socket));
      const clients = Array.from({ length: connections }, () => connectFrames(t, server));
      await Promise.all(clients.map(({ received }) => received(({ type }) => type === frameTypes.settings)));
      const windowUpdate = Buffer.of(0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1);
      const frames = (count: number) => Buffer.concat(Array<Buffer>(count).fill(windowUpdate));
      /** Resolves when the server has answered a PING behind the bytes, and so has read them. */
      const sendAll = (bytes: Buffer, name: string) =>
        Promise.all(
          clients.map(({ socket, send, received }) => {
            const ping = Buffer.from(name.padEnd(8));
            socket.write(bytes);
            send(frameTypes.ping, 0, 0, ping);
            return received(({ type, payload }) => type === frameTypes.ping && payload.equals(ping));
          }),
        );
      begin(t);
      const flood = frames(60_000);
      const isLogged = () => server.logs.some(({ msg }) => msg.startsWith(heldUp));
      // A look in between finds less than it takes.
      for (let round = 0; !isLogged(); round++) await sendAll(flood, `flood ${round}`);
      const end = bytesOfTurns(sockets);
      await sendAll(frames(4_500), "the last");
      const most = end();
      assert.ok(most <= 3 * readBytes, `${most} bytes were read in one turn`);
    });
  }
});

it("a client that sends many exports is not read slowly when the event loop is held up by something else", async (t) => {
  /** Longer ones take several turns each. */
  const exportBytes = 200_000;
  /** Together half of the window of a connection, of which the other half may be consumed and not told yet. */
  const underWay = 35;
  const body = frame(
    traceRequest(Buffer.concat([validSpanFields, lengthDelimited(5, Buffer.alloc(exportBytes, "a"))])),
  );
  const frameBytes = 16_384;
  const server = await startServer(t, { settings: rateLimit });
  const looks: number[] = [];
  const { look } = FloodWatch.prototype;
  t.mock.method(FloodWatch.prototype, "look", function (this: FloodWatch, clients: Iterable<Client>) {
    const all = [...clients];
    looks.push(
      all.flatMap((client) => [...client.connections]).reduce((sum, one) => sum + one.socket.bytesRead, 0),
    );
    return look.call(this, all);
  });
  const { socket, send, received } = connectFrames(t, server);
  await received(({ type }) => type === frameTypes.settings);
  // The windows that the server offers are taken from then on.
  send(frameTypes.settings, flags.ack, 0);
  turnsOf70Ms(t);
  // Until much has come between two looks, more than once.
  const busyLooks = () => looks.filter((bytes, i) => bytes - (looks[i - 1] ?? 0) > 2 ** 24).length;
  for (let stream = 1; busyLooks() < 2; stream += 2) {
    socket.cork();
    send(frameTypes.headers, flags.endHeaders, stream, exportCall);
    for (let at = 0; at < body.byteLength; at += frameBytes) {
      const end = at + frameBytes >= body.byteLength;
      send(frameTypes.data, end ? flags.endStream : 0, stream, body.subarray(at, at + frameBytes));
    }
    socket.uncork();
    const before = stream - 2 * underWay;
    if (before > 0) await received((one) => one.stream === before && one.type === frameTypes.data);
  }
  assert.deepEqual(
    server.logs.filter(({ msg }) => msg.startsWith(heldUp)),
    [],
  );
});
