import type { Socket } from "node:net";

/** The client connection preface (RFC 9113, 3.4). */
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** The type of a TLS record with a handshake (RFC 8446, 5.1). No HTTP request begins with it. */
const tlsHandshake = 0x16;

/** Gets a connection of one protocol, with its first bytes, which can be read of the socket too. */
type TakeConnection = (socket: Socket, head: Buffer) => void;

export interface Sniffed {
  readonly onHttp2: TakeConnection;
  /** Any bytes but HTTP/2's exact preface; HTTP/1.1 answers a broken preface with 400. */
  readonly onHttp1: TakeConnection;
  /** A TLS handshake; without this handler, such bytes go to `onHttp1`. */
  readonly onTls?: TakeConnection;
}

/**
 * Reads the first bytes of a connection, puts them back and passes the socket to the handler of its
 * protocol. A connection that does not show its protocol in time is closed.
 */
export function sniff(socket: Socket, timeoutMs: number, handlers: Sniffed): void {
  let head: Buffer | undefined;

  const settle = () => {
    clearTimeout(timer);
    socket.off("readable", onReadable);
    socket.off("end", abandon);
    socket.off("close", settle);
  };
  const abandon = () => {
    socket.destroy();
  };
  const onReadable = () => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) {
      return;
    }
    head = head === undefined ? chunk : Buffer.concat([head, chunk]);
    const length = Math.min(head.length, preface.length);
    const matches = head.compare(preface, 0, length, 0, length) === 0;
    if (matches && length < preface.length) {
      return;
    }
    settle();
    socket.off("error", ignore);
    socket.unshift(head);
    if (matches) {
      handlers.onHttp2(socket, head);
    } else if (handlers.onTls !== undefined && head[0] === tlsHandshake) {
      handlers.onTls(socket, head);
    } else {
      handlers.onHttp1(socket, head);
    }
  };

  const timer = setTimeout(abandon, timeoutMs);
  timer.unref();
  socket.on("error", ignore);
  socket.on("readable", onReadable);
  socket.on("end", abandon);
  socket.on("close", settle);
}

/** Nothing depends on a connection that is reset before its first byte; "close" follows. */
function ignore(): void {}
