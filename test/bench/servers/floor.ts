import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { reportOnStdio } from "./report.ts";

// The floor: what Node's HTTP/2 costs for a call whose body nobody looks at.

const emptyFrame = Buffer.alloc(5);
let requests = 0;

const server = createServer({ settings: { initialWindowSize: 2 ** 20 } });
server.on("connection", (socket) => socket.setNoDelay(true));
server.on("session", (session) => session.setLocalWindowSize(16 * 2 ** 20));
server.on("stream", (stream: ServerHttp2Stream) => {
  stream.on("data", () => {});
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.on("end", () => {
    requests += 1;
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.end(emptyFrame);
  });
});
server.listen(0, "127.0.0.1", () => {
  reportOnStdio((server.address() as AddressInfo).port, () => ({ requests }));
});
