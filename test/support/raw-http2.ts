import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import type { TestServer } from "./server.ts";

// HTTP/2 by hand, for frames that no client sends.

export const frameTypes = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  continuation: 9,
} as const;
export const flags = { ack: 1, endStream: 1, endHeaders: 4 } as const;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export interface FrameConnection {
  readonly socket: Socket;
  readonly send: (type: number, flags: number, stream: number, payload?: Uint8Array) => void;
  /** Resolves with the first frame so far, or from now on, that `matches`. Rejects when the connection closes. */
  readonly received: (matches: (frame: Frame) => boolean) => Promise<Frame>;
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<void>;
}

const headerBytes = 9;
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** A connection after the preface and an empty SETTINGS frame. It answers nothing by itself. */
export function connectFrames(t: TestContext, { port }: Pick<TestServer, "port">): FrameConnection {
  const socket = connect({ port, host: "127.0.0.1" });
  const closed = Promise.withResolvers<void>();
  const frames: Frame[] = [];
  let waiting: (() => void)[] = [];
  let unread = Buffer.alloc(0);
  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const look of woken) look();
  };
  socket.on("data", (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length >= headerBytes && unread.length >= headerBytes + unread.readUIntBE(0, 3)) {
      const end = headerBytes + unread.readUIntBE(0, 3);
      const [type = 0, flags = 0] = unread.subarray(3, 5);
      frames.push({
        type,
        flags,
        stream: unread.readUInt32BE(5),
        payload: unread.subarray(headerBytes, end),
      });
      unread = unread.subarray(end);
    }
    wake();
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    closed.resolve();
    wake();
  });
  t.after(() => socket.destroy());
  const send: FrameConnection["send"] = (type, flags, stream, payload = Buffer.alloc(0)) => {
    const header = Buffer.alloc(headerBytes);
    header.writeUIntBE(payload.byteLength, 0, 3);
    header[3] = type;
    header[4] = flags;
    header.writeUInt32BE(stream, 5);
    socket.write(Buffer.concat([header, payload]));
  };
  socket.write(preface);
  send(frameTypes.settings, 0, 0);
  return {
    socket,
    send,
    received: async (matches) => {
      for (;;) {
        const found = frames.find(matches);
        if (found !== undefined) return found;
        if (socket.destroyed) throw new Error("the connection has closed");
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    closed: closed.promise,
  };
}

/** A header block with neither Huffman codes nor a dynamic table (RFC 7541, 6.2.2). */
export function headerBlock(headers: Readonly<Record<string, string>>): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.of(value.length), Buffer.from(value, "latin1")]);
  return Buffer.concat(
    Object.entries(headers).flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]),
  );
}
