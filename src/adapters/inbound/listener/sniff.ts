import type { Socket } from "node:net";

/** The client connection preface (RFC 9113, 3.4). */
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

export interface Sniffed {
  onHttp2(socket: Socket): void;
  /** Anything that is not exactly HTTP/2's preface: a broken one gets HTTP/1.1's answer, 400. */
  onHttp1(socket: Socket): void;
}

/**
 * Looks at the first bytes of a connection, puts them back and hands the socket on. A connection that
 * does not show what it is within the time is closed.
 * @param onSettled the connection was handed on, or has closed
 * @returns closes the connection; not to be called once it is settled
 */
export function sniff(
  socket: Socket,
  timeoutMs: number,
  handlers: Sniffed,
  onSettled: () => void,
): () => void {
  let head: Buffer | undefined;

  const settle = () => {
    clearTimeout(timer);
    socket.off("readable", onReadable);
    socket.off("end", abandon);
    socket.off("close", settle);
    onSettled();
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
      handlers.onHttp2(socket);
    } else {
      handlers.onHttp1(socket);
    }
  };

  const timer = setTimeout(abandon, timeoutMs);
  timer.unref();
  socket.on("error", ignore);
  socket.on("readable", onReadable);
  socket.on("end", abandon);
  socket.on("close", settle);
  return abandon;
}

/** A reset before the first byte is nobody's business: "close" follows. */
function ignore(): void {}
