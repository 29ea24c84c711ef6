import { frame } from "../../support/raw-grpc.ts";
import { type Attack, hold, openHttp2, openReflectionStream, openTcp } from "./attack.ts";

// Clients that send far ahead and read no answers.

/** 400 connections with 300 KB of pipelined requests each, all at once. */
export const pipelinedRequests: Attack = async (target) => {
  const requests = Buffer.from("GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(7_000));
  const sockets = Array.from({ length: 400 }, () => openTcp(target));
  for (const socket of sockets) socket.pause().write(requests);
  await hold(target, target.holdMs);
  for (const socket of sockets) socket.destroy();
};

/** 256 reflection streams, each with a megabyte of whole messages whose answers nobody reads. */
export const untakenMessages: Attack = async (target) => {
  const sessions = Array.from({ length: 2 }, () => openHttp2(target, { settings: { initialWindowSize: 0 } }));
  // A name of 20,000 letters in field 1, and a question for the list of services.
  const message = Buffer.concat([
    Buffer.of(0x0a, 0xa0, 0x9c, 0x01),
    Buffer.alloc(20_000, "x"),
    Buffer.of(0x3a, 0),
  ]);
  const messages = Buffer.concat(Array<Uint8Array>(50).fill(frame(message)));
  for (const session of sessions) {
    for (let i = 0; i < 128; i++) {
      const stream = openReflectionStream(session);
      stream.write(messages);
    }
  }
  await hold(target, target.holdMs);
  for (const session of sessions) session.destroy();
};
