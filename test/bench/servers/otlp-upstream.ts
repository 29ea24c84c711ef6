import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { PREFIX_BYTES } from "../../../src/otlp/message-prefix.ts";
import { countSpans } from "./count-spans.ts";
import { reportOnStdio } from "./report.ts";

// An OTLP/gRPC endpoint that counts spans and takes everything, on nothing but node:http2.

const emptyFrame = Buffer.alloc(PREFIX_BYTES);
let requests = 0;
let items = 0;

const server = createServer({ settings: { initialWindowSize: 16 * 2 ** 20 } });
server.on("connection", (socket) => socket.setNoDelay(true));
server.on("session", (session) => session.setLocalWindowSize(64 * 2 ** 20));
server.on("stream", (stream: ServerHttp2Stream) => {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.on("end", () => {
    const frame = Buffer.concat(chunks);
    const message = frame.subarray(PREFIX_BYTES);
    requests += 1;
    items += countSpans(frame[0] === 1 ? gunzipSync(message) : message);
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.end(emptyFrame);
  });
});
server.listen(0, "127.0.0.1", () => {
  reportOnStdio((server.address() as AddressInfo).port, () => ({ requests, items }));
});
