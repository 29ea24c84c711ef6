import { once } from "node:events";
import { constants } from "node:http2";
import { exportPath } from "../../../src/domain/signal.ts";
import { frame } from "../../support/raw-grpc.ts";
import { type Attack, hold, openHttp2, openReflectionStream, openTcp } from "./attack.ts";
import { textLog } from "./bodies.ts";
import { searchLogs, sendLargeLogs } from "./reads.ts";

// Clients that make the server hold something for them and give nothing back.

/** 50 callers of answers of 24 MB, none of which is read. */
export const unreadAnswers: Attack = async (target) => {
  await sendLargeLogs(target, 8);
  const sessions = Array.from({ length: 50 }, () => {
    const session = openHttp2(target);
    const stream = session.request({
      ":method": "POST",
      ":path": searchLogs,
      "content-type": "application/json",
    });
    stream.on("error", () => {});
    stream.end(JSON.stringify({ limit: 10_000, maxBytes: 24_000_000 }));
    stream.pause();
    return session;
  });
  await hold(target, target.holdMs);
  for (const session of sessions) session.destroy();
};

/** 128 reflection streams, each with a message of 4 MB that never ends. */
export const unfinishedMessages: Attack = async (target) => {
  const sessions = Array.from({ length: 2 }, () => openHttp2(target));
  const piece = frame(Buffer.alloc(4_000_000)).subarray(0, 3_900_000);
  for (const session of sessions) {
    for (let i = 0; i < 64; i++) {
      const stream = openReflectionStream(session);
      stream.resume();
      stream.write(piece);
    }
  }
  await hold(target, target.holdMs);
  for (const session of sessions) session.destroy();
};

/** 50 connections with 100 calls each that send nothing but headers, some of them long. */
export const headersOnly: Attack = async (target) => {
  const sessions = Array.from({ length: 50 }, () => openHttp2(target));
  for (const [index, session] of sessions.entries()) {
    const metadata = index % 2 === 0 ? {} : { "x-long": "v".repeat(12_000) };
    for (let i = 0; i < 100 && !session.destroyed; i++) {
      const headers = { "content-type": "application/grpc", te: "trailers", ...metadata };
      const stream = session.request({ ":method": "POST", ":path": tail, ...headers }, { endStream: false });
      stream.on("error", () => {});
      stream.resume();
    }
  }
  await hold(target, target.holdMs);
  for (const session of sessions) session.destroy();
};

const tail = "/obsvty.v1.QueryService/Tail";

/** Exports from a client whose window for answers is 0. */
export const zeroWindow: Attack = async (target) => {
  const body = frame(textLog(Buffer.alloc(20_000, "a")));
  const sessions = Array.from({ length: 10 }, () =>
    openHttp2(target, { settings: { initialWindowSize: 0, enablePush: false } }),
  );
  for (const session of sessions) {
    await Promise.race([once(session, "remoteSettings"), once(session, "close"), hold(target, 5_000)]);
    for (let i = 0; i < 256 && !session.destroyed; i++) {
      const stream = session.request({
        ":method": "POST",
        ":path": exportPath("logs"),
        "content-type": "application/grpc",
        te: "trailers",
      });
      stream.on("error", () => {});
      stream.end(body);
    }
  }
  await hold(target, target.holdMs);
  for (const session of sessions) session.destroy();
};

/** As many connections as the server takes, with a preface and an empty SETTINGS frame each. */
export const hoardedConnections: Attack = async (target) => {
  const preface = Buffer.concat([
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    Buffer.of(0, 0, 0, 4, 0, 0, 0, 0, 0),
  ]);
  const sockets = Array.from({ length: 1_100 }, () => {
    const socket = openTcp(target);
    socket.resume();
    socket.write(preface);
    return socket;
  });
  await hold(target, target.holdMs);
  for (const socket of sockets) socket.destroy();
};

/** A HEADERS frame whose header block never ends. */
export const endlessHeaders: Attack = async (target) => {
  const start = Buffer.concat([
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    Buffer.of(0, 0, 0, 4, 0, 0, 0, 0, 0),
    // HEADERS of stream 1 with ":method: POST" and without END_HEADERS.
    Buffer.of(0, 0, 1, 1, 0, 0, 0, 0, 1, 0x83),
  ]);
  const sockets = Array.from({ length: 64 }, () => {
    const socket = openTcp(target);
    socket.resume();
    socket.write(start);
    return socket;
  });
  await hold(target, target.holdMs);
  for (const socket of sockets) socket.destroy();
};

/** Exports that are cut in the middle of their body, and tails and searches that are cut. */
export const vanishing: Attack = async (target) => {
  const body = frame(textLog(Buffer.alloc(200_000, "a")));
  for (let round = 0; round < 20 && !target.abort.aborted; round++) {
    const session = openHttp2(target);
    for (let i = 0; i < 10; i++) {
      const stream = session.request({
        ":method": "POST",
        ":path": i % 2 === 0 ? exportPath("logs") : searchLogs,
        "content-type": i % 2 === 0 ? "application/grpc" : "application/json",
        te: "trailers",
      });
      stream.on("error", () => {});
      if (i % 2 === 0) stream.write(body.subarray(0, 100_000));
      else stream.end('{"limit":1000}');
      if (i % 4 === 0) stream.close(constants.NGHTTP2_CANCEL);
    }
    await hold(target, 20);
    session.destroy();
  }
};
